import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileCheckpoints, fixedDelay, noRestart, runProgram } from "../../src/index.ts";
import { resultsOf, type WordCountArgument } from "./programs/word-count.ts";

const program = new URL("./programs/word-count.ts", import.meta.url);
const words = Array.from({ length: 900 }, (_, at) => `word ${(at * 7) % 13}`);

/** Each word as often as it was, counted up. */
function counts(all: readonly string[]): readonly string[] {
  const seen = new Map<string, number>();
  return all
    .map((word) => {
      seen.set(word, (seen.get(word) ?? 0) + 1);
      return `${word} ${seen.get(word)}`;
    })
    .toSorted();
}

describe("a program on threads", () => {
  let dir = "";
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), "quorate-stream-"));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const argument = (more: Partial<WordCountArgument> = {}): WordCountArgument => {
    return { words, dir, ...more };
  };

  it("has the same results as in one, whatever their number", async () => {
    const run = await runProgram(program, { parallelism: 3, argument: argument() });
    expect(await run.done).toBe("finished");
    expect(resultsOf(dir).toSorted()).toEqual(counts(words));
  });

  it.each([
    ["a function fails", { poison: "word 5" }, "record-failed"],
    ["a thread dies", { exit: "word 8" }, "worker-failed"],
  ] as const)("restarts when %s: each effect once", async (_, trouble, code) => {
    const restarts: unknown[] = [];
    const run = await runProgram(program, {
      parallelism: 2,
      argument: argument(trouble),
      checkpointIntervalMs: 1,
      restart: fixedDelay({ delayMs: 1 }),
      onRestart: (error) => restarts.push(error),
    });
    expect(await run.done).toBe("finished");
    expect(restarts).toMatchObject([{ code }]);
    expect(resultsOf(dir).toSorted()).toEqual(counts(words));
  });

  it("says what failed, and where, as in one thread", async () => {
    const run = await runProgram(program, {
      parallelism: 2,
      argument: argument({ poison: "word 5" }),
      restart: noRestart,
    });
    await expect(run.done).rejects.toMatchObject({
      code: "record-failed",
      message: expect.stringContaining("map failed at record"),
      place: { split: "word 5" },
      cause: { message: "word 5 is poison" },
    });
  });

  it("goes on from its checkpoint with another number of threads", async () => {
    const checkpoints = fileCheckpoints({ dir: join(dir, "checkpoints") });
    const half = words.slice(0, 450);
    const first = await runProgram(program, {
      parallelism: 3,
      checkpoints,
      argument: argument({ words: half }),
    });
    await first.done;
    expect(resultsOf(dir).toSorted()).toEqual(counts(half));
    for (const parallelism of [1, 2]) {
      const next = await runProgram(program, { parallelism, checkpoints, argument: argument() });
      expect(await next.done).toBe("finished");
      expect(resultsOf(dir).toSorted()).toEqual(counts(words));
    }
  });

  it("that cannot be loaded, or makes no pipeline, is refused by its URL", async () => {
    const missing = new URL("./programs/missing.ts", import.meta.url);
    await expect(runProgram(missing)).rejects.toThrow("programs/missing.ts");
    const other = new URL("./pump.ts", import.meta.url);
    await expect(runProgram(other)).rejects.toThrow("makes no pipeline");
  });
});
