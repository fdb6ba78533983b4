import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../src/command.ts";
import { ROOT } from "../src/workspace.ts";

const TIMEOUT_MS = 20_000;

/** What a core must not touch, a line each. */
const IMPURE = [
  "export const a = Date.now();",
  "export const a = new Date();",
  "export const a = performance.now();",
  "export const a = setTimeout(() => {}, 1);",
  "export const a = setInterval(() => {}, 1);",
  "export const a = setImmediate(() => {});",
  "queueMicrotask(() => {});",
  "export const a = Math.random();",
  "export const a = globalThis.Date;",
  "export const a = process.hrtime();",
  "export const a = crypto.randomUUID();",
  "export const a = Promise.resolve();",
  'export { readFileSync as a } from "node:fs";',
];

describe("the linter's rules for packages/*/src/core", () => {
  let folder: string;

  /** The complaints about `packages/example/src/<path>`, with a line a file in `sources`. */
  async function complaints(path: string, sources: readonly string[]): Promise<readonly string[]> {
    const target = join(folder, "packages/example/src", path);
    await mkdir(target, { recursive: true });
    for (const [index, source] of sources.entries()) {
      await writeFile(join(target, `${index}.ts`), `${source}\n`);
    }
    const oxlint = join(ROOT, "node_modules/oxlint/bin/oxlint");
    const args = [oxlint, "--format=unix", `packages/example/src/${path}`];
    const { stdout } = await run(process.execPath, args, { cwd: folder, timeoutMs: TIMEOUT_MS });
    return stdout.split("\n").filter((line) => line.includes("no-restricted-"));
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "quorate-pure-cores-"));
    await cp(join(ROOT, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    await writeFile(join(folder, "tsconfig.json"), "{}");
  });

  afterAll(() => rm(folder, { recursive: true }));

  it("forbid clocks, timers, randomness, promises and I/O, in each line that has one", async () => {
    const found = await complaints("core/election", IMPURE);
    const files = IMPURE.map((_, index) => found.filter((line) => line.includes(`/${index}.ts`)));
    expect(files.map((lines) => lines.length)).toEqual(IMPURE.map(() => 1));
  });

  it("let pure code be, and leave drivers alone", async () => {
    expect(await complaints("core/log", ["export const a = Math.max(1, 2);"])).toEqual([]);
    expect(await complaints("driver", IMPURE)).toEqual([]);
  });
});
