import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CheckpointLayer, OperatorLayer } from "../src/core/state/layer.ts";
import {
  boundedDisorder,
  type Crash,
  createPipeline,
  fromArray,
  MemorySink,
  runForTest,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";

const crashAt: fc.Arbitrary<Crash["at"]> = fc.constantFrom("batch", "before-commit");

interface Mark {
  readonly atMs: number;
}

interface Part {
  readonly subtask?: number;
  readonly subtasks?: number;
  readonly restored?: readonly CheckpointLayer[];
}

/** One source; the watermark at each record, as an operator after it sees it. */
function watched(part: Part = {}): { job: Job; push: (split: string, ...times: number[]) => void } {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray<Mark>([]), {
      watermarks: boundedDisorder<Mark>(({ atMs }) => atMs, 0, { idleAfterMs: 100 }),
    })
    .named("marks")
    .to(new MemorySink<Mark>(), "sink");
  const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 16, nowMs: 0, ...part });
  return {
    job,
    push: (split, ...times) => {
      const records = times.map((atMs) => ({ atMs }));
      job.sources.get("marks")?.push({ records, split, position: times.at(-1) ?? "start" });
    },
  };
}

function watermarkMs(job: Job): number | undefined {
  return job.sources.get("marks")?.watermarkMs;
}

/** As a store puts the layers of all subtasks together. */
function together(layers: readonly CheckpointLayer[]): CheckpointLayer {
  const all = layers.flatMap(({ operators }) => operators.get("marks") as OperatorLayer);
  const layer = { groups: new Map(), own: all.flatMap(({ own }) => own) };
  return { id: 1, operators: new Map([["marks", layer]]) };
}

describe("splits of a source", () => {
  it("hold the watermark at the least of those that were announced, are not idle and not over", () => {
    const { job, push } = watched();
    push("a");
    push("b");
    push("a", 100);
    expect(watermarkMs(job)).toBe(-Infinity);
    push("b", 50);
    expect(watermarkMs(job)).toBe(49);
    job.tick(60);
    push("a", 200);
    job.tick(100); // b is idle
    expect(watermarkMs(job)).toBe(199);
    push("b", 60); // late, and b counts again
    push("a", 300);
    expect(watermarkMs(job)).toBe(199);
    const b = { records: [], split: "b", position: 60, isLast: true };
    job.sources.get("marks")?.push(b);
    expect(watermarkMs(job)).toBe(299);
  });

  it("are where the checkpoint has them, however many subtasks there were and are", () => {
    const times = fc.uniqueArray(fc.nat(1_000), { minLength: 1, maxLength: 10 });
    const subtasks = fc.integer({ min: 1, max: 4 });
    fc.assert(
      fc.property(times, fc.array(subtasks, { minLength: 2, maxLength: 5 }), (splits, runs) => {
        const read = new Map<string, number>();
        let restored: CheckpointLayer[] = [];
        runs.forEach((count, run) => {
          const parts = Array.from({ length: count }, (_, subtask) =>
            watched({ subtask, subtasks: count, restored }),
          );
          for (const { job } of parts) {
            const positions = job.sources.get("marks")?.positions ?? new Map();
            expect(new Map(positions)).toEqual(read);
          }
          // In each run some splits are not come to: their places are handed on.
          splits.forEach((atMs, at) => {
            if ((at + run) % 3 === 0) return;
            parts[at % count]?.push(`${at}`, atMs + run);
            read.set(`${at}`, atMs + run);
          });
          restored = [together(parts.map(({ job }) => job.checkpoint(1)))];
        });
      }),
    );
  });

  it("read in turns from an array: all records once, whatever crashes", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 40 }),
        fc.array(fc.record({ afterBatches: fc.integer({ min: 1, max: 20 }), at: crashAt })),
        async (values, crashes) => {
          const sink = new MemorySink<number>();
          const pipeline = createPipeline();
          pipeline
            .from(fromArray(values, { batchSize: 2, splits: (value) => `${value % 3}` }))
            .to(sink, "sink");
          await runForTest(pipeline, { crashes, checkpointEvery: 3 });
          const sorted = (list: readonly number[]): readonly number[] =>
            list.toSorted((a, b) => a - b);
          expect(sorted(sink.committed)).toEqual(sorted(values));
        },
      ),
    );
  });
});
