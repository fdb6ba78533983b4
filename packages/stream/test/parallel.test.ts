import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boundedDisorder,
  type Crash,
  createPipeline,
  fromArray,
  MemorySink,
  type Pipeline,
  runForTest,
  session,
  tumbling,
} from "../src/index.ts";
import { type Event, events, inBound, sorted } from "./events.ts";

const crashes: fc.Arbitrary<readonly Crash[]> = fc.array(
  fc.record({
    afterBatches: fc.integer({ min: 1, max: 30 }),
    at: fc.constantFrom<Crash["at"][]>("batch", "before-commit"),
  }),
  { maxLength: 3 },
);
const parallelism = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** Keyed state over two sources whose splits are keys, so that the order of a key is kept. */
function keyed(
  one: readonly Event[],
  other: readonly Event[],
): { readonly pipeline: Pipeline; readonly sink: MemorySink<string> } {
  const sink = new MemorySink<string>();
  const pipeline = createPipeline();
  const from = (values: readonly Event[], name: string): ReturnType<typeof read> =>
    read(values).map((event) => ({ ...event, key: `${name} ${event.key}` }));
  const read = (values: readonly Event[]) =>
    pipeline.from(fromArray(values, { batchSize: 2, splits: ({ key }) => key }), {
      watermarks: inBound,
    });
  const byKey = from(one, "one")
    .union(from(other, "other"))
    .keyBy(({ key }) => key);
  const sum = { create: () => 0, add: (acc: number, { value }: Event) => acc + value };
  const sums = byKey
    .window(tumbling(20))
    .aggregate(
      { ...sum, result: (acc) => acc },
      (acc, { key, startMs }) => `sum ${key} ${startMs} ${acc}`,
    );
  const sessions = byKey
    .window(session(6))
    .aggregate(
      { create: () => 0, add: (count) => count + 1, merge: (a, b) => a + b, result: (n) => n },
      (count, { key, startMs, endMs }) => `session ${key} ${startMs} ${endMs} ${count}`,
    );
  const thirds = byKey.countWindow(3).reduce((_, last) => last);
  // A second exchange, after a first one.
  const totals = byKey
    .reduce((before, { value }) => ({ ...before, value: before.value + value }))
    .keyBy(({ value }) => value)
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, value) => `total ${value} ${count}`,
    );
  sums
    .union(
      sessions,
      thirds.map(({ key, atMs, n }) => `third ${key} ${atMs} ${n}`),
      totals,
    )
    .to(sink, "sink");
  return { pipeline, sink };
}

describe("subtasks", () => {
  it("any number of them, changed at any restart: the same results as one, each once", async () => {
    await fc.assert(
      fc.asyncProperty(
        events(),
        events(),
        crashes,
        parallelism,
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 5 }),
        fc.nat(),
        async (one, other, planned, counts, checkpointEvery, sinkRecords, seed) => {
          const alone = keyed(one, other);
          await runForTest(alone.pipeline);
          const several = keyed(one, other);
          await runForTest(several.pipeline, {
            parallelism: counts,
            crashes: planned,
            checkpointEvery,
            sinkRecords,
            seed,
          });
          expect(sorted(several.sink.committed)).toEqual(sorted(alone.sink.committed));
        },
      ),
      { numRuns: 150 },
    );
  });
});

/** Two inputs by key, and rules that all subtasks have. */
function connected(
  lefts: readonly Event[],
  rights: readonly Event[],
): { readonly pipeline: Pipeline; readonly sink: MemorySink<string> } {
  const sink = new MemorySink<string>();
  const pipeline = createPipeline();
  const read = (values: readonly Event[]) =>
    pipeline.from(fromArray(values, { batchSize: 2, splits: ({ n }) => `${n % 3}` }), {
      watermarks: inBound,
    });
  const [left, right] = [read(lefts), read(rights)];
  const sums = left
    .keyBy(({ key }) => key)
    .connect(right.keyBy(({ key }) => key))
    .process<string>((context) => {
      const sum = context.state.value<number>("sum");
      const add = ({ value }: Event, by: number): void => {
        sum.set((sum.get() ?? 0) + by * value);
        context.setTimer("event", 500); // after all records
      };
      return {
        onLeft: (event) => add(event, 1),
        onRight: (event) => add(event, 100),
        onTimer: () => context.emit(`sum ${context.key} ${sum.get()}`),
      };
    });
  const known = left
    .keyBy(({ key }) => key)
    .connect(right.broadcast())
    .process<number, true, string>((context, rules) => ({
      onRecord: () => context.setTimer("event", 500),
      onBroadcast: ({ n }, _, writable) => void writable.set(n, true),
      onTimer: () => context.emit(`rules ${context.key} ${rules.size}`),
    }));
  sums.union(known).to(sink, "sink");
  return { pipeline, sink };
}

describe("operators of several inputs in subtasks", () => {
  it("by key and broadcast: the same results as in one, whatever crashes", async () => {
    await fc.assert(
      fc.asyncProperty(
        events(),
        events(),
        crashes,
        parallelism,
        fc.integer({ min: 1, max: 10 }),
        fc.nat(),
        async (lefts, rights, planned, counts, checkpointEvery, seed) => {
          const alone = connected(lefts, rights);
          await runForTest(alone.pipeline);
          const several = connected(lefts, rights);
          const options = { parallelism: counts, crashes: planned, checkpointEvery, seed };
          await runForTest(several.pipeline, options);
          expect(sorted(several.sink.committed)).toEqual(sorted(alone.sink.committed));
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("an input that has ended, over another number of subtasks", () => {
  it("holds no watermark back: it is not told of its end again", async () => {
    const event = { key: "a", atMs: 0, value: 0, n: 0 };
    const { pipeline, sink } = connected([], [event]);
    const crashed = [{ afterBatches: 5, at: "batch" }] as const;
    await runForTest(pipeline, { parallelism: [3, 2], crashes: crashed, checkpointEvery: 1 });
    expect(sink.committed).toEqual(["sum a 0"]);
  });
});

describe("what a sink has no room for", () => {
  it("waits: a watermark that fires all windows stops in its middle, however few are written", async () => {
    const keys = Array.from({ length: 500 }, (_, key) => ({ key, atMs: 0 }));
    const written: number[] = [];
    const pipeline = createPipeline();
    const watermarks = boundedDisorder<(typeof keys)[number]>(({ atMs }) => atMs, 0);
    pipeline
      .from(fromArray([...keys, { key: 0, atMs: 100 }]), { watermarks })
      .keyBy(({ key }) => key)
      .window(tumbling(10))
      .reduce((_, last) => last)
      .to(
        {
          recover: () => {},
          open: () => ({
            write: (records) => void written.push(records.length),
            prepare: () => undefined,
            commit: () => {},
          }),
        },
        "sink",
      );
    await runForTest(pipeline, { sinkRecords: 3 });
    expect(Math.max(...written)).toBe(3);
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(501);
  });
});
