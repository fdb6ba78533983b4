import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import type { JobResult } from "../../src/index.ts";

const PACKAGE = join(import.meta.dirname, "../..");
const NODE = [
  "--conditions=@quorate/source",
  "--import",
  "@oxc-node/core/register",
  "bin/quorate-mapreduce.js",
];
const WORDS = join(import.meta.dirname, "words-job.ts");
const SLOW = join(import.meta.dirname, "slow-job.ts");
const TEXT = "to be or not to be\nthat is the question\n";
const COUNTS = "be\t2\nis\t1\nnot\t1\nor\t1\nquestion\t1\nthat\t1\nthe\t1\nto\t2\n";

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with a file `text`, which goes with the test. */
function workplace(contents = TEXT): { readonly folder: string; readonly run: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "mapreduce-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "text"), contents);
  const paths = ["--input", join(folder, "text"), "--output", join(folder, "result")];
  return { folder, run: ["run", WORDS, "--partitions", "1", "--workers", "2", ...paths] };
}

function start(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [...NODE, ...args], {
    cwd: PACKAGE,
    env: { ...process.env, ...env },
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function ending(child: ChildProcess): Promise<Ran> {
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]!.setEncoding("utf8").on("data", (piece: string) => (said[name] += piece));
  }
  const [code] = (await once(child, "close")) as [number];
  return { code, ...said };
}

/** Without `fetch`, which would set the process's dispatcher for the tests after this one. */
async function got(url: string): Promise<string> {
  const [response] = (await once(get(url), "response")) as [IncomingMessage];
  return text(response);
}

function run(args: readonly string[], stdin = ""): Promise<Ran> {
  const child = start(args);
  child.stdin!.end(stdin);
  return ending(child);
}

describe("quorate-mapreduce run", () => {
  it("writes the result, and says what was done", async () => {
    const { folder, run: args } = workplace();
    const ran = await run(args);
    expect(ran.code, ran.stderr).toBe(0);
    expect(readFileSync(join(folder, "result/part-00000"), "utf8")).toBe(COUNTS);
    expect(readdirSync(folder).toSorted()).toEqual(["result", "text"]);
    expect(ran.stdout).toContain("2 records");
    expect(ran.stdout).toContain("words seen: 10");
    expect(ran.stderr).toMatch(/^map: 1 of 1 tasks.*\nreduce: 1 of 1 tasks/);
  });

  it("with --json prints one object, and no progress", async () => {
    const { run: args } = workplace();
    const ran = await run([...args, "--json"]);
    expect(ran.stderr).toBe("");
    const result = JSON.parse(ran.stdout) as JobResult;
    expect(result).toMatchObject({ recordsIn: 2, recordsOut: 8, counters: { "words seen": 10 } });
  });

  it("with --dry-run shows the plan, and runs nothing", async () => {
    const { folder, run: args } = workplace();
    const ran = await run([...args, "--split", "10b", "--dry-run"]);
    expect(ran.stdout).toContain("4 map tasks of 40 B, 1 reduce tasks, 2 threads");
    expect(ran.stdout).toContain("text, bytes 10 to 20");
    expect(readdirSync(folder)).toEqual(["text"]);
  });

  it("reads standard input", async () => {
    const { folder } = workplace();
    const output = join(folder, "result");
    const args = ["run", WORDS, "--partitions", "1", "--input", "-", "--output", output];
    expect(await run(args, TEXT)).toMatchObject({ code: 0 });
    expect(readFileSync(join(output, "part-00000"), "utf8")).toBe(COUNTS);
  });

  it("does not touch a result that is there, unless it is told to overwrite it", async () => {
    const { run: args } = workplace();
    expect((await run(args)).code).toBe(0);
    const again = await run(args);
    expect(again.code).toBe(2);
    expect(again.stderr).toContain("is there already");
    expect((await run([...args, "--overwrite"])).code).toBe(0);
  });

  it("names the record on which the job's own code throws, and leaves nothing behind", async () => {
    const { folder, run: args } = workplace("fine\npoison\n");
    const ran = await run(args);
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain("a bug of the job");
    expect(ran.stderr).toContain(`${join(folder, "text")}, byte 5`);
    expect(ran.stderr).toContain("words-job.ts"); // where in the job
    expect(readdirSync(folder)).toEqual(["text"]);
  });

  it("with --skip-bad sets such records aside, and warns", async () => {
    const { folder, run: args } = workplace("fine\npoison\n");
    const ran = await run([...args, "--skip-bad", "1"]);
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toContain("1 bad records are in");
    const [bad] = readFileSync(join(folder, "result/_bad-records.jsonl"), "utf8").split("\n");
    expect(JSON.parse(bad!)).toMatchObject({ offset: 5 });
  });

  it("turns down what is wrong on the command line, with exit code 2 and what to do", async () => {
    const { folder, run: args } = workplace();
    const wrong: [args: string[], says: string][] = [
      [[...args, "--memory", "lots"], "It must be an amount such as 512mb"],
      [[...args, "--workers", "0"], "It must be a whole number from 1"],
      [["run", WORDS], "--output"],
      [["run", join(folder, "none.ts"), "-o", join(folder, "x")], "cannot load the job's module"],
      [["run", join(PACKAGE, "package.json"), "-o", join(folder, "x")], "job"],
      [["dance"], "unknown command"],
    ];
    for (const [given, says] of wrong) {
      const ran = await run(given);
      expect(ran.code, ran.stderr).toBe(2);
      expect(ran.stderr).toContain(says);
    }
  });

  it("Ctrl-C ends it, with exit code 130 and nothing left behind", async () => {
    const { folder } = workplace();
    const paths = ["--input", join(folder, "text"), "--output", join(folder, "result")];
    const status = ["--status-port", "0", "--scratch", folder];
    const child = start(["run", SLOW, ...paths, ...status]);
    const ended = ending(child);
    await once(createInterface({ input: child.stderr! }), "line"); // it runs
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
    expect(readdirSync(folder)).toEqual(["text"]);
  });

  it("--status-port shows how far it is, on this machine only", async () => {
    const { folder } = workplace();
    const paths = ["--input", join(folder, "text"), "--output", join(folder, "result")];
    const child = start(["run", SLOW, ...paths, "--status-port", "0", "--scratch", folder]);
    const ended = ending(child);
    const [line] = (await once(createInterface({ input: child.stderr! }), "line")) as [string];
    const url = /^status: (http:\/\/127\.0\.0\.1:\d+\/)$/.exec(line)?.[1];
    expect(url).toBeDefined();
    const page = await got(url!);
    expect(page).toContain("<h1>slow</h1>");
    expect(JSON.parse(await got(`${url}status`))).toMatchObject({ job: "slow" });
    child.kill("SIGINT");
    await ended;
  });
});

describe("quorate-mapreduce streaming", () => {
  it("map | sort | reduce is the job", async () => {
    const mapped = await run(["streaming", "map", WORDS], TEXT);
    const sorted = mapped.stdout.split("\n").slice(0, -1).toSorted();
    const combined = await run(["streaming", "combine", WORDS], `${sorted.join("\n")}\n`);
    const reduced = await run(["streaming", "reduce", WORDS], combined.stdout);
    expect(mapped.stderr).toContain("reporter:counter:");
    expect([mapped.code, combined.code, reduced.code]).toEqual([0, 0, 0]);
    expect(reduced.stdout).toBe(COUNTS);
  });

  it("a part that fails exits with another code than 0, and says why", async () => {
    const ran = await run(["streaming", "map", WORDS], "poison\n");
    expect(ran.code).not.toBe(0);
    expect(ran.stderr).toContain("a bug of the job");
  });

  it("another role than those is turned down", async () => {
    const ran = await run(["streaming", "shuffle", WORDS]);
    expect(ran).toMatchObject({ code: 2 });
    expect(ran.stderr).toContain("Allowed choices are map, combine, reduce");
  });
});
