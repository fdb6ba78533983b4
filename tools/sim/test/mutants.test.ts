import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import { huntFor } from "../src/mutants/hunter.ts";
import { loadMutants } from "../src/mutants/mutant-files.ts";
import { parseMutantsCommand } from "../src/mutants/mutants-command.ts";
import { mutated } from "../src/mutants/plant.ts";
import { targetFile, targetFiles } from "../src/target-files.ts";

const REPOSITORY = join(import.meta.dirname, "../../..");
const PACKAGES = join(REPOSITORY, "packages");
const hunts = (await loadMutants(PACKAGES)).flatMap(({ target, mutants }) =>
  mutants.map((mutant) => ({ target, name: `${target}: ${mutant.bug}`, mutant })),
);

describe("planted bugs", () => {
  it("are at least 25, every target has some, and no two are called alike", () => {
    expect(hunts.length).toBeGreaterThanOrEqual(25);
    const targets = targetFiles(PACKAGES).map((file) => basename(file, ".sim.ts"));
    expect(new Set(hunts.map(({ target }) => target))).toEqual(new Set(targets));
    expect(new Set(hunts.map(({ name }) => name)).size).toBe(hunts.length);
  });

  it.each(hunts)(
    "$name: the source is still as it was when the bug was thought of",
    async ({ mutant }) => {
      const source = await readFile(join(REPOSITORY, mutant.file), "utf8");
      expect(mutated(source, mutant)).not.toBe(source);
    },
  );

  it("a mutant whose source has changed is an error, not one that is never found", () => {
    const mutant = { bug: "b", file: "f.ts", original: "a + b", planted: "a" };
    expect(() => mutated("a - b", mutant)).toThrow('"b": f.ts has 0 times: a + b');
    expect(() => mutated("a + b; a + b", mutant)).toThrow("has 2 times");
  });

  it("are found, and cost the seeds that were tried; a change that is none escapes", async () => {
    const file = targetFile(PACKAGES, "wal")!;
    const { mutant } = hunts.find(({ name }) => name.startsWith("wal: fsync skipped"))!;
    const found = await huntFor(file, mutant, { firstSeed: 1, maxSeeds: 20 });
    expect(found).toMatchObject({ found: true, reason: expect.any(String) });
    expect(found.seeds).toBeLessThanOrEqual(20);
    const harmless = { ...mutant, planted: mutant.original };
    expect(await huntFor(file, harmless, { firstSeed: 8, maxSeeds: 3 })).toEqual({
      found: false,
      seeds: 3,
    });
  });

  it("a file that the target does not use is refused", async () => {
    const mutant = { ...hunts[0]!.mutant, file: "packages/kv/src/index.ts" };
    const hunt = huntFor(targetFile(PACKAGES, "wal")!, mutant, { firstSeed: 1, maxSeeds: 1 });
    await expect(hunt).rejects.toThrow("does not use packages/kv/src/index.ts");
  });
});

describe("the command line of pnpm sim mutants", () => {
  it("takes a bound on seeds, a part of a name, and --json", () => {
    expect(parseMutantsCommand([])).toEqual({ json: false, maxSeeds: undefined, only: "" });
    const args = ["--seeds", "9", "--only", "raft", "--json"];
    expect(parseMutantsCommand(args)).toEqual({ json: true, maxSeeds: 9, only: "raft" });
  });

  it.each([
    [["--seeds", "0"], "--seeds must be a whole number from 1, not 0"],
    [["--seeds", "many"], "--seeds must be a whole number from 1, not many"],
    [["raft"], "raft"],
    [["--nonsense"], "nonsense"],
  ])("refuses %j", (args, message) => {
    expect(() => parseMutantsCommand(args)).toThrow(message);
  });
});
