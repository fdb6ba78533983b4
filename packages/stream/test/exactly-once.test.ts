import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Crash,
  createPipeline,
  type DataStream,
  fromArray,
  MemorySink,
  outputTag,
  type Pipeline,
  runForTest,
  session,
  sliding,
  timeEvictor,
  tumbling,
} from "../src/index.ts";
import { type Event, events, inBound } from "./events.ts";

const BATCH_MS = 3;

const crashes: fc.Arbitrary<readonly Crash[]> = fc.array(
  fc.record({
    afterBatches: fc.integer({ min: 1, max: 40 }),
    at: fc.constantFrom<Crash["at"][]>("batch", "before-commit"),
  }),
  { maxLength: 4 },
);

/** One of everything that has state, over two sources. */
function everything(
  one: readonly Event[],
  other: readonly Event[],
): { readonly pipeline: Pipeline; readonly sink: MemorySink<string> } {
  const sink = new MemorySink<string>();
  const pipeline = createPipeline();
  const late = outputTag<Event>("late");
  const both = pipeline
    .from(fromArray(one, { batchSize: 1 }), { watermarks: inBound })
    .union(pipeline.from(fromArray(other, { batchSize: 1 }), { watermarks: inBound }));
  const byKey = both.keyBy(({ key }) => key);
  const sums = byKey
    .window(tumbling(20))
    .allowedLateness(5)
    .lateTo(late)
    .aggregate(
      { create: () => 0, add: (sum, { value }) => sum + value, result: (sum) => sum },
      (sum, { key, startMs }) => `sum ${key} ${startMs} ${sum}`,
    );
  const texts = [
    sums,
    sums.sideOutput(late).map(({ n }) => `late ${n}`),
    byKey
      .window(sliding(30, 10))
      .reduce((a, b) => (b.value > a.value ? b : a))
      .map(text("max")),
    byKey
      .window(session(6))
      .reduce((a, b) => (b.value > a.value ? b : a))
      .map(text("session")),
    byKey
      .countWindow(3)
      .reduce((_, last) => last)
      .map(text("third")),
    byKey.reduce((sum, { value }) => ({ ...sum, value: sum.value + value })).map(text("total")),
    byKey.process<string>((context) => {
      const seen = context.state.list<number>("seen");
      const byValue = context.state.map<number, number>("by value");
      const count = context.state.value<number>("count");
      const highest = context.state.reducing<number>("highest", Math.max);
      return {
        onRecord({ n, value }, atMs) {
          seen.add(n);
          byValue.set(value, (byValue.get(value) ?? 0) + 1);
          count.set((count.get() ?? 0) + 1);
          highest.add(value);
          context.setTimer("event", atMs + 15);
          if (value === 5) context.deleteTimer("event", atMs + 14);
        },
        onTimer(timeMs) {
          const all = JSON.stringify([...byValue.entries()]);
          context.emit(
            `${context.key} ${timeMs} ${seen.get().join()} ${all} ${count.get()} ${highest.get()}`,
          );
          seen.clear();
          if (byValue.entries().size > 3) byValue.clear();
        },
      };
    }),
  ];
  const [first, ...rest] = texts;
  first?.union(...rest).to(sink, "sink");
  return { pipeline, sink };
}

/** The operators of two inputs, and those that keep elements or forget them. */
function everythingElse(
  one: readonly Event[],
  other: readonly Event[],
): { readonly pipeline: Pipeline; readonly sink: MemorySink<string> } {
  const sink = new MemorySink<string>();
  const pipeline = createPipeline();
  const [left, right] = [one, other].map((input) =>
    pipeline.from(fromArray(input, { batchSize: 1 }), { watermarks: inBound }),
  ) as [DataStream<Event>, DataStream<Event>];
  const [byKey, others] = [left.keyBy(({ key }) => key), right.keyBy(({ key }) => key)];
  const ttl = { ttlMs: 30, domain: "event", refreshOn: "read-and-write" } as const;
  const outputs = [
    byKey.connect(others).process<string>((context) => {
      const count = context.state.value<number>("count", ttl);
      const add = (side: string, atMs: number): void => {
        count.set((count.get() ?? 0) + 1);
        context.emit(`${side} ${context.key} ${count.get()}`);
        context.setTimer("event", atMs + 25);
      };
      return {
        onLeft: (_, atMs) => add("left", atMs),
        onRight: (_, atMs) => add("right", atMs),
        onTimer: (timeMs) => context.emit(`timer ${context.key} ${timeMs} ${count.get()}`),
      };
    }),
    byKey.connect(right.broadcast()).process<number, number, string>((context, rules) => ({
      onRecord: ({ n }) => context.emit(`rules ${n} ${JSON.stringify([...rules])}`),
      onBroadcast: ({ value, n }, _, state) => void state.set(value, n),
    })),
    byKey
      .join(others)
      .window(tumbling(20))
      .apply((a, b) => `joined ${a.n} ${b.n}`),
    byKey.intervalJoin(others, { fromMs: -5, toMs: 10 }, (a, b) => `interval ${a.n} ${b.n}`),
    byKey.temporalJoin(others, (fact, version) => `version ${fact.n} ${version?.n}`),
    byKey.deduplicate({ keep: "first", ttl }).map(text("first")),
    byKey.deduplicate({ keep: "last", ttl }).map(text("last")),
    byKey
      .topN({ n: 2, scoreOf: ({ value }) => value, ttl })
      .map(({ rank, value }) => `top ${rank} ${value.n}`),
    byKey
      .window(sliding(30, 10))
      .evictor(timeEvictor(15, { when: "after" }))
      .process<string>((elements, { startMs }, emit) =>
        emit(`elements ${startMs} ${elements.map(({ n }) => n).join()}`),
      ),
  ];
  const [first, ...rest] = outputs as [DataStream<string>, ...DataStream<string>[]];
  first.union(...rest).to(sink, "sink");
  return { pipeline, sink };
}

function text(name: string): (event: Event) => string {
  return ({ key, atMs, value, n }) => `${name} ${key} ${atMs} ${value} ${n}`;
}

describe("checkpoints", () => {
  it.each([
    ["all that has one input", everything],
    ["all else", everythingElse],
  ])("of %s, wherever a crash is: the same output in the same order, once", async (_, build) => {
    await fc.assert(
      fc.asyncProperty(
        events(60),
        events(60),
        crashes,
        fc.integer({ min: 1, max: 20 }),
        async (one, other, planned, checkpointEvery) => {
          const undisturbed = build(one, other);
          await runForTest(undisturbed.pipeline, { batchMs: BATCH_MS });
          const crashed = build(one, other);
          const options = { batchMs: BATCH_MS, checkpointEvery, crashes: planned };
          await runForTest(crashed.pipeline, options);
          expect(crashed.sink.committed).toEqual(undisturbed.sink.committed);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("what a sink wrote after the last checkpoint is not seen before the replay", async () => {
    const input = Array.from({ length: 10 }, (_, n) => ({ key: "a", atMs: n, value: 1, n }));
    const sink = new MemorySink<number>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(input, { batchSize: 1 }))
      .map(({ n }) => n)
      .to(sink, "sink");
    const crashAt = { afterBatches: 7, at: "batch" } as const;
    await runForTest(pipeline, { checkpointEvery: 3, crashes: [crashAt] });
    expect(sink.committed).toEqual(input.map(({ n }) => n));
  });
});
