import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type JobProgress } from "../../src/executors/job-progress.ts";
import { runJob } from "../../src/executors/run-job.ts";
import { MapReduceError } from "../../src/mapreduce-error.ts";
import wordCount from "./jobs/word-count.ts";

const WORD_COUNT = new URL("./jobs/word-count.ts", import.meta.url);
const TOP_WORDS = new URL("./jobs/top-words.ts", import.meta.url);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mapreduce-run-"));
  mkdirSync(join(folder, "in"));
  mkdirSync(join(folder, "scratch"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const LINES = Array.from({ length: 2_000 }, (_, line) => `w${line % 7} w${line % 1_000} the`);

function options() {
  return {
    input: join(folder, "in"),
    output: join(folder, "out"),
    scratchFolder: join(folder, "scratch"),
    splitBytes: 5_000,
  };
}

function put(lines: readonly string[]): void {
  writeFileSync(join(folder, "in", "a.txt"), `${lines.join("\n")}\n`);
}

function parts(): string[][] {
  const names = readdirSync(join(folder, "out")).filter((name) => name.startsWith("part-"));
  return names.sort().map((name) => {
    return readFileSync(join(folder, "out", name), "utf8")
      .split("\n")
      .slice(0, -1);
  });
}

function counted(lines: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const word of lines.flatMap((line) => line.split(" "))) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${word} ${count}`).sort();
}

/** Nothing but what was there before, and the output if there is one. */
function leftovers(): string[] {
  return [...readdirSync(join(folder, "scratch")), ...readdirSync(folder)].filter(
    (name) => !["in", "scratch", "out"].includes(name),
  );
}

describe("runJob", () => {
  it("runs a job in this thread, and tells what it did", async () => {
    put(LINES);
    const progress: JobProgress[] = [];
    const result = await runJob(wordCount, {
      ...options(),
      partitions: 3,
      onProgress: (one) => progress.push(one),
    });
    expect(parts().flat().sort()).toEqual(counted(LINES));
    expect(parts().length).toBe(3);
    expect(result).toMatchObject({
      job: "word count",
      counters: { words: 6_000 },
      recordsIn: 2_000,
      pairs: 6_000,
      recordsOut: 1_001,
      partitions: 3,
      failedAttempts: 0,
      badRecords: 0,
    });
    expect(result.splits).toBeGreaterThan(3);
    expect(result.skew).toBeGreaterThanOrEqual(1);
    expect(progress.at(-1)).toMatchObject({ phase: "reduce", tasks: 3 });
    expect(leftovers()).toEqual([]);
  });

  it("gives the same on threads as in this one, byte by byte", async () => {
    put(LINES);
    await runJob(wordCount, { ...options(), partitions: 2 });
    const expected = parts();
    const threads = { ...options(), workers: 2, partitions: 2, overwrite: true };
    await runJob(WORD_COUNT, { ...threads, compressSpills: true });
    expect(parts()).toEqual(expected);
    expect(leftovers()).toEqual([]);
  });

  it("runs a chain of jobs, and sorts by ranges over all parts", async () => {
    put(LINES);
    const result = await runJob(TOP_WORDS, { ...options(), workers: 2, partitions: 3 });
    const expected = counted(LINES).map((line) => Number(line.split(" ")[1]));
    const found = parts()
      .flat()
      .map((line) => Number(line.split(" ")[0]));
    expect(found).toEqual(expected.sort((left, right) => right - left));
    expect(result.previous).toMatchObject([{ job: "word count", recordsIn: 2_000 }]);
    expect(leftovers()).toEqual([]);
  });

  it("a thread that dies fails its attempt, and after the last one the job; nothing stays", async () => {
    put([...LINES, "!exit"]);
    const run = runJob(WORD_COUNT, { ...options(), workers: 2, maxAttempts: 2 });
    await expect(run).rejects.toMatchObject({
      code: "task-failed",
      message: expect.stringMatching(
        /map task \d+ failed 2 times: the worker thread died.*exit code 3/,
      ),
    });
    expect(leftovers()).toEqual([]);
  });

  it("a thread whose heap is full is one that dies", async () => {
    put([...LINES, "!leak"]);
    const memoryBytes = 192 * 2 ** 20;
    const run = runJob(WORD_COUNT, { ...options(), workers: 1, maxAttempts: 1, memoryBytes });
    await expect(run).rejects.toThrow(/the worker thread died: .*memory limit/);
  });

  it("tells of a bad record on a thread with its place and cause, and tries it once", async () => {
    put(["fine", "not !throw"]);
    const error = await runJob(WORD_COUNT, { ...options(), workers: 1 }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(MapReduceError);
    expect(error).toMatchObject({
      code: "bad-record",
      message: expect.stringMatching(/^map threw RangeError: as asked \(.*a\.txt, byte 5\)$/),
      place: { file: join(folder, "in", "a.txt"), offset: 5 },
      cause: { name: "RangeError" },
    });
    expect(error.cause.stack).toContain("word-count.ts");
    expect(leftovers()).toEqual([]);
  });

  it("sets bad records aside beside the parts", async () => {
    put(["fine", "!throw", "fine"]);
    const result = await runJob(WORD_COUNT, { ...options(), workers: 1, badRecords: { limit: 1 } });
    expect(parts().flat()).toEqual(["fine 2"]);
    expect(result).toMatchObject({ badRecords: 1, counters: { words: 2 } });
    const set = readFileSync(join(folder, "out", "_bad-records.jsonl"), "utf8");
    expect(JSON.parse(set)).toMatchObject({ offset: 5, text: "!throw" });
  });

  it("more bad records than the job's limit, spread over its tasks, fail it", async () => {
    put(LINES.map((line, index) => (index % 500 === 0 ? "!throw" : line)));
    const run = runJob(wordCount, { ...options(), badRecords: { limit: 3 } });
    await expect(run).rejects.toMatchObject({ code: "bad-record" });
    expect(leftovers()).toEqual([]);
  });

  it.each([wordCount, WORD_COUNT])(
    "an aborted job rejects, and leaves the old output",
    async (job) => {
      put(["old"]);
      await runJob(wordCount, options());
      put(LINES);
      const stopping = new AbortController();
      const reason = new Error("enough");
      const run = runJob(job, {
        ...options(),
        splitBytes: 100,
        workers: 1,
        overwrite: true,
        signal: stopping.signal,
        onProgress: () => stopping.abort(reason),
      });
      setImmediate(() => stopping.abort(reason));
      await expect(run).rejects.toMatchObject({ code: "aborted", cause: reason });
      expect(parts().flat()).toEqual(["old 1"]);
      expect(leftovers()).toEqual([]);
    },
  );

  it("says what is wrong before it starts anything", async () => {
    put(["a"]);
    const rejected = (change: object, job: URL | typeof wordCount = wordCount) =>
      expect(runJob(job, { ...options(), ...change })).rejects;
    await rejected({ memoryBytes: 1_000 }).toThrow(/memoryBytes must be a whole number from \d+/);
    await rejected({ partitions: 0 }).toThrow("partitions must be a whole number from 1 to 65536");
    await rejected({ workers: 2 }).toThrow("not given by its module's path");
    await rejected({ output: "" }).toThrow("output must be the folder");
    await rejected({ input: "/nowhere" }).toMatchObject({ code: "invalid-input" });
    await rejected({}, new URL("file:///nowhere.ts")).toThrow("cannot load the job's module");
    await rejected({}, new URL("./run-job.test.ts", import.meta.url)).toThrow();
    await rejected({ output: join(folder, "in") }).toMatchObject({ code: "output-exists" });
    expect(leftovers()).toEqual([]);
  });
});
