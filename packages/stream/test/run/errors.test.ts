import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  boundedDisorder,
  createPipeline,
  type DeadLetter,
  deadLetter,
  fromArray,
  MemorySink,
  outputTag,
  runForTest,
  runPipeline,
} from "../../src/index.ts";
import { Fed } from "./fed.ts";
import { pump, pumpUntil } from "./pump.ts";

const texts = ["1", "2", "x", "3", "y", "4"];

function parse(text: string): number {
  const value = Number(text);
  if (Number.isNaN(value)) throw new Error(`${text} is no number`);
  return value;
}

describe("a record on which a function throws", () => {
  it("skipped is counted, by operator or by pipeline", async () => {
    for (const isOperators of [true, false]) {
      const sink = new MemorySink<number>();
      const pipeline = createPipeline();
      const parsed = pipeline.from(fromArray(texts)).map(parse).named("parse");
      (isOperators ? parsed.onError("skip") : parsed).to(sink, "sink");
      const run = runPipeline(pipeline, isOperators ? {} : { onError: "skip" });
      await run.done;
      expect(sink.committed).toEqual([1, 2, 3, 4]);
    }
  });

  it("as dead letter goes to a side output with its place, each once whatever crashes", async () => {
    const sink = new MemorySink<number>();
    const letters = new MemorySink<DeadLetter<string>>();
    const broken = outputTag<DeadLetter<string>>("broken");
    const pipeline = createPipeline();
    const parsed = pipeline
      .from(fromArray(texts, { batchSize: 2 }))
      .named("texts")
      .map(parse)
      .named("parse")
      .onError(deadLetter(broken));
    parsed.to(sink, "sink");
    parsed.sideOutput(broken).to(letters, "letters");
    const crashes = [{ afterBatches: 2, at: "before-commit" as const }];
    await runForTest(pipeline, { checkpointEvery: 1, crashes });
    expect(sink.committed).toEqual([1, 2, 3, 4]);
    const letter = { timestampMs: 0, operator: "parse" };
    expect(letters.committed).toEqual([
      {
        ...letter,
        record: "x",
        message: "x is no number",
        place: { source: "texts", split: "", position: 2, index: 0 },
      },
      {
        ...letter,
        record: "y",
        message: "y is no number",
        place: { source: "texts", split: "", position: 4, index: 0 },
      },
    ]);
  });

  it("in the strategy of a source is the source's to skip", async () => {
    const sink = new MemorySink<string>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(texts), { watermarks: boundedDisorder(parse, 0) })
      .onError("skip")
      .to(sink, "sink");
    await runForTest(pipeline);
    expect(sink.committed).toEqual(["1", "2", "3", "4"]);
  });
});

describe("clocks", () => {
  it("set back: processing time stands still until they are where they were", async () => {
    const virtual = new VirtualClock();
    let backMs = 0;
    const clock = {
      now: () => virtual.now(),
      wallTime: () => virtual.wallTime() - backMs,
      setTimer: virtual.setTimer.bind(virtual),
    };
    const source = new Fed<string>();
    const sink = new MemorySink<string>();
    const pipeline = createPipeline();
    pipeline
      .from(source)
      .keyBy((value) => value)
      .process<string>((context) => ({
        onRecord: () => context.setTimer("processing", context.processingTimeMs + 50),
        onTimer: (timeMs) => context.emit(`${context.key} ${context.processingTimeMs - timeMs}`),
      }))
      .to(sink, "sink");
    const run = runPipeline(pipeline, { clock, tickMs: 1, checkpointIntervalMs: 5 });
    await virtual.advance(100);
    source.feed("a");
    await pumpUntil(virtual, () => source.taken === 1);
    backMs = 1_000;
    await virtual.advance(500);
    source.feed("b");
    await pumpUntil(virtual, () => source.taken === 2);
    expect(sink.committed).toEqual([]);
    await pumpUntil(virtual, () => sink.committed.length === 2);
    expect(clock.wallTime()).toBeGreaterThanOrEqual(150);
    expect(sink.committed).toEqual(["a 0", "b 0"]);
    await pump(virtual, run.cancel());
  });
});

describe("sources of one subtask", () => {
  it("further ahead than maxDriftMs wait for the slowest", async () => {
    const clock = new VirtualClock();
    const [slow, fast] = [new Fed<number>(), new Fed<number>()];
    const watermarks = boundedDisorder<number>((value) => value, 0);
    const pipeline = createPipeline();
    const sink = new MemorySink<number>();
    pipeline.from(slow, { watermarks }).union(pipeline.from(fast, { watermarks })).to(sink, "sink");
    const run = runPipeline(pipeline, { clock, maxDriftMs: 100, checkpointIntervalMs: 10 });
    slow.feed(0);
    await pumpUntil(clock, () => slow.taken === 1);
    for (let at = 1; at <= 20; at++) fast.feed(at * 50);
    await pumpUntil(clock, () => sink.committed.length >= 4);
    await clock.advance(100);
    await pumpUntil(clock, () => clock.now() > 300);
    // Read until its watermark was beyond 100.
    expect(Math.max(...sink.committed)).toBe(150);
    slow.feed(500);
    await pumpUntil(clock, () => Math.max(...sink.committed) === 650);
    slow.end();
    await pumpUntil(clock, () => sink.committed.length === 22);
    await pump(clock, run.cancel());
  });
});
