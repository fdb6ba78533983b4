import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Aggregate,
  continuousTrigger,
  createPipeline,
  fromArray,
  MemorySink,
  outputTag,
  runForTest,
  session,
  sliding,
  tumbling,
  type WindowAssigner,
} from "../src/index.ts";
import { BOUND_MS, type Event, events, inBound, sorted } from "./events.ts";
import { naiveSessions, naiveWindows, type Sum } from "./naive.ts";

const summing: Aggregate<Event, number, number> = {
  create: () => 0,
  add: (sum, { value }) => sum + value,
  result: (sum) => sum,
  merge: (one, other) => one + other,
};

interface Outcome {
  readonly sums: readonly Sum[];
  readonly late: readonly Event[];
}

async function windowed(
  input: readonly Event[],
  assigner: WindowAssigner,
  allowedLatenessMs = 0,
): Promise<Outcome> {
  const sums = new MemorySink<Sum>();
  const late = new MemorySink<Event>();
  const lateTag = outputTag<Event>("late");
  const pipeline = createPipeline();
  const results = pipeline
    .from(fromArray(input, { batchSize: 7 }), { watermarks: inBound })
    .keyBy(({ key }) => key)
    .window(assigner)
    .allowedLateness(allowedLatenessMs)
    .lateTo(lateTag)
    .aggregate(summing, (sum, { key, startMs, endMs }) => ({ key, startMs, endMs, sum }));
  results.to(sums, "sums");
  results.sideOutput(lateTag).to(late, "late");
  await runForTest(pipeline);
  return { sums: sums.committed, late: late.committed };
}

describe("windows: any input within the bound gives what a batch job over all of it gives", () => {
  const cases: [string, WindowAssigner, (input: readonly Event[]) => readonly Sum[]][] = [
    ["tumbling", tumbling(30), (input) => naiveWindows(input, 30, 30)],
    ["sliding", sliding(30, 10), (input) => naiveWindows(input, 30, 10)],
    ["sliding with gaps", sliding(10, 30), (input) => naiveWindows(input, 10, 30)],
    ["session", session(8), (input) => naiveSessions(input, 8)],
  ];
  it.each(cases)("%s", async (_, assigner, reference) => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const { sums, late } = await windowed(input, assigner);
        expect(sorted(sums)).toEqual(sorted(reference(input)));
        expect(late).toEqual([]);
      }),
    );
  });

  it("count: each `count` records of a key, in the order in which they came", async () => {
    await fc.assert(
      fc.asyncProperty(events(), fc.integer({ min: 1, max: 5 }), async (input, count) => {
        const sink = new MemorySink<[string, number[]]>();
        const pipeline = createPipeline();
        pipeline
          .from(fromArray(input))
          .keyBy(({ key }) => key)
          .countWindow(count)
          .aggregate<number[], number[], [string, number[]]>(
            { create: () => [], add: (all, { n }) => [...all, n], result: (all) => all },
            (all, { key }) => [key, all],
          )
          .to(sink, "sink");
        await runForTest(pipeline);
        const expected = ["a", "b", "c"].flatMap((key) => {
          const of = input.filter((event) => event.key === key).map(({ n }) => n);
          return Array.from({ length: Math.floor(of.length / count) }, (_, at) => [
            key,
            of.slice(at * count, (at + 1) * count),
          ]);
        });
        expect(sorted(sink.committed)).toEqual(sorted(expected));
      }),
    );
  });

  it("reduce works on values that are null", async () => {
    const sink = new MemorySink<number | null>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray<number | null>([null, 1, null]))
      .keyBy(() => "all")
      .countWindow(3)
      .reduce((before, value) => value ?? before)
      .to(sink, "sink");
    await runForTest(pipeline);
    expect(sink.committed).toEqual([1]);
  });
});

describe("late records", () => {
  it("of tumbling windows: exactly those whose window the watermark had passed", async () => {
    await fc.assert(
      fc.asyncProperty(events(120), fc.nat(60), async (input, latenessMs) => {
        const { sums, late } = await windowed(input, tumbling(30), latenessMs);
        const expected = tooLate(input, 30, latenessMs);
        expect(late).toEqual(expected);
        const inTime = input.filter((event) => !expected.includes(event));
        expect(sorted(lastOfEach(sums))).toEqual(sorted(naiveWindows(inTime, 30, 30)));
      }),
    );
  });

  it("within the allowed lateness make a window emit again, with all that it has", async () => {
    const input = [5, 100, 7].map((atMs, n) => ({ key: "a", atMs, value: 1, n }));
    const { sums } = await windowed(input, tumbling(30), 100);
    expect(sums.map(({ startMs, sum }) => [startMs, sum])).toEqual([
      [0, 1],
      [0, 2],
      [90, 1],
    ]);
  });
});

describe("triggers", () => {
  it("continuous: early results at each interval of event time, and the last at the end", async () => {
    const input = [1, 12, 13, 25, 200].map((atMs, n) => ({ key: "a", atMs, value: 1, n }));
    const sink = new MemorySink<[number, number]>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(input), { watermarks: inBound })
      .keyBy(({ key }) => key)
      .window(tumbling(100))
      .trigger(continuousTrigger(10, "event"))
      .aggregate<number, number, [number, number]>(summing, (sum, { startMs }) => [startMs, sum])
      .to(sink, "sink");
    await runForTest(pipeline);
    const first = sink.committed.filter(([startMs]) => startMs === 0).map(([, sum]) => sum);
    expect(first[0]).toBe(4 - 1 - 2 + 3);
    expect(first.at(-1)).toBe(4);
    expect(sink.committed.at(-1)).toEqual([200, 1]);
  });

  it("processing-time windows emit when the clock passes their end, whatever event time is", async () => {
    const input = [9, 1, 5, 3].map((atMs, n) => ({ key: "a", atMs, value: 1, n }));
    const sink = new MemorySink<[number, number]>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(input, { batchSize: 1 }))
      .keyBy(({ key }) => key)
      .window(tumbling(20, { domain: "processing" }))
      .aggregate<number, number, [number, number]>(summing, (sum, { startMs }) => [startMs, sum])
      .to(sink, "sink");
    await runForTest(pipeline, { batchMs: 10 });
    expect(sink.committed).toEqual([
      [0, 2],
      [20, 2],
    ]);
  });
});

/** Flink: a window is over when the watermark has reached its last millisecond plus the lateness. */
function tooLate(input: readonly Event[], sizeMs: number, latenessMs: number): readonly Event[] {
  let watermarkMs = -Infinity;
  return input.filter(({ atMs }) => {
    const lastMs = (Math.floor(atMs / sizeMs) + 1) * sizeMs - 1;
    const isLate = lastMs + latenessMs <= watermarkMs;
    watermarkMs = Math.max(watermarkMs, atMs - BOUND_MS - 1);
    return isLate;
  });
}

function lastOfEach(sums: readonly Sum[]): readonly Sum[] {
  return [...new Map(sums.map((sum) => [`${sum.key} ${sum.startMs}`, sum])).values()];
}
