import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "@quorate/command-line";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseCommand } from "../src/arguments.ts";
import { benchFiles, packagesWithBenches } from "../src/bench-files.ts";

describe("parseCommand", () => {
  it("runs five times unless told otherwise, and once when it must be quick", () => {
    const { options } = parseCommand(["wal"]);
    expect(options).toEqual({ runs: 5, quick: false });
    expect(parseCommand(["wal", "--quick"]).options).toEqual({ runs: 1, quick: true });
    expect(parseCommand(["wal", "--runs", "9"]).options.runs).toBe(9);
  });

  it("takes the package with or without its scope", () => {
    const command = parseCommand(["@quorate/raft", "--json", "--case", "commit"]);
    expect(command).toMatchObject({ package: "raft", json: true, options: { case: "commit" } });
  });

  it.each([[[]], [["wal", "raft"]], [["wal", "--runs", "0"]], [["wal", "--jsn"]]])(
    "refuses %j with a message for the one who typed it",
    (args) => {
      expect(() => parseCommand(args)).toThrow(UsageError);
    },
  );
});

describe("bench files", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "quorate-bench-test-"));
    mkdirSync(join(folder, "wal/bench"), { recursive: true });
    mkdirSync(join(folder, "kv/bench"), { recursive: true });
    for (const name of ["recover.bench.ts", "append.bench.ts", "load.ts"]) {
      writeFileSync(join(folder, "wal/bench", name), "");
    }
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("are those named *.bench.ts, in order; a package without any is not listed", () => {
    const names = ["append.bench.ts", "recover.bench.ts"];
    expect(benchFiles(folder, "wal")).toEqual(names.map((name) => join(folder, "wal/bench", name)));
    expect(benchFiles(folder, "kv")).toEqual([]);
    expect(benchFiles(folder, "nothing")).toEqual([]);
    expect(packagesWithBenches(folder)).toEqual(["wal"]);
  });
});
