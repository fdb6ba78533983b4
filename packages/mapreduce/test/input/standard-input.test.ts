import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(here, "..", "..");
const flags = "--conditions=@quorate/source --import @oxc-node/core/register";
const TIME_MS = 60_000;

/** A program that reads standard input as lines, and says how many there are and what it meets. */
const program = (where: "thread" | "process"): string =>
  `${process.execPath} ${flags} ${join(here, "read-standard-input.ts")} ${where}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-stdin-"));
  const lines = Array.from({ length: 200_000 }, (_, index) => `line ${index}\n`);
  writeFileSync(join(folder, "lines"), lines.join(""));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe.each(["process", "thread"] as const)("standard input, read in a %s", (where) => {
  const lines = (): string => join(folder, "lines");

  it.each([
    ["from a pipe", () => `cat ${lines()} | ${program(where)}`],
    [
      "from a slow pipe",
      () => `(head -n 1000 ${lines()}; sleep 0.3; tail -n +1001 ${lines()}) | ${program(where)}`,
    ],
    ["from a file", () => `${program(where)} <${lines()}`],
  ])(
    "%s, has all of its lines, and can be read once",
    async (_, command) => {
      const { stdout } = await run("bash", ["-c", command()], { cwd: packageFolder });
      expect(JSON.parse(stdout)).toEqual({
        splits: [{ file: "-", start: 0, end: null, once: true }],
        lines: 200_000,
        last: "line 199999",
        again: "invalid-input",
      });
    },
    TIME_MS,
  );

  it(
    "may be empty",
    async () => {
      const command = `${program(where)} </dev/null`;
      const { stdout } = await run("bash", ["-c", command], { cwd: packageFolder });
      expect(JSON.parse(stdout)).toMatchObject({ lines: 0 });
    },
    TIME_MS,
  );

  it(
    "does not keep the process when it is never ended",
    async () => {
      const [file = "", ...rest] = `${program(where)} first`.split(" ");
      const child = spawn(file, rest, { cwd: packageFolder, stdio: ["pipe", "pipe", "inherit"] });
      child.stdin.on("error", () => undefined); // it has gone, as it should
      child.stdin.write("line\n".repeat(300_000));
      const code = await new Promise((resolve) => child.once("exit", resolve));
      child.stdin.destroy();
      expect(code).toBe(0);
    },
    TIME_MS,
  );
});
