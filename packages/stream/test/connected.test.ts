import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPipeline, fromArray, MemorySink, runForTest } from "../src/index.ts";
import { type Event, events, inBound, sorted } from "./events.ts";

describe("connected streams", () => {
  it("map and flatMap: each side by its function, each in its order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(9)), fc.array(fc.string()), async (numbers, texts) => {
        const mapped = new MemorySink<string>();
        const flat = new MemorySink<string>();
        const pipeline = createPipeline();
        const connected = pipeline
          .from(fromArray(numbers, { batchSize: 3 }))
          .connect(pipeline.from(fromArray(texts, { batchSize: 2 })));
        connected
          .map(
            (value) => `n ${value}`,
            (text) => JSON.stringify(text),
          )
          .to(mapped, "mapped");
        connected
          .flatMap<string>(
            (value, emit) => {
              for (let at = 0; at < value; at++) emit(`n ${value}`);
            },
            (value, emit) => emit(JSON.stringify(value)),
          )
          .to(flat, "flat");
        await runForTest(pipeline);
        const [left, right] = [
          numbers.map((value) => `n ${value}`),
          texts.map((one) => JSON.stringify(one)),
        ];
        const sides = (all: readonly string[]): string[][] => [
          all.filter((text) => text.startsWith("n ")),
          all.filter((text) => !text.startsWith("n ")),
        ];
        expect(sides(mapped.committed)).toEqual([left, right]);
        const repeated = numbers.flatMap((value) =>
          Array.from({ length: value }, () => `n ${value}`),
        );
        expect(sides(flat.committed)).toEqual([repeated, right]);
      }),
      { numRuns: 50 },
    );
  });

  it("process: one state of each key for both sides, and timers of the watermark of both", async () => {
    await fc.assert(
      fc.asyncProperty(events(), events(), async (lefts, rights) => {
        const sink = new MemorySink<string>();
        const pipeline = createPipeline();
        const left = pipeline.from(fromArray(lefts, { batchSize: 1 }), { watermarks: inBound });
        const right = pipeline.from(fromArray(rights, { batchSize: 2 }), { watermarks: inBound });
        left
          .keyBy(({ key }) => key)
          .connect(right.keyBy(({ key }) => key))
          .process<string>((context) => {
            const sum = context.state.value<number>("sum");
            const add = ({ value }: Event, by: number): void => {
              sum.set((sum.get() ?? 0) + by * value);
              context.setTimer("event", 500); // after all records of both
            };
            return {
              onLeft: (event) => add(event, 1),
              onRight: (event) => add(event, 100),
              onTimer: () => context.emit(`${context.key} ${sum.get()}`),
            };
          })
          .to(sink, "sink");
        await runForTest(pipeline);
        const all = [...lefts, ...rights];
        const expected = [...new Set(all.map(({ key }) => key))].map((key) => {
          const sum = (input: readonly Event[]): number =>
            input.reduce((total, event) => total + (event.key === key ? event.value : 0), 0);
          return `${key} ${sum(lefts) + 100 * sum(rights)}`;
        });
        expect(sorted(sink.committed)).toEqual(sorted(expected));
      }),
      { numRuns: 50 },
    );
  });
});

describe("broadcast state", () => {
  it("is what all broadcast records before made it, for every key", async () => {
    type Step = { readonly rule: string } | { readonly key: string };
    const steps: fc.Arbitrary<Step[]> = fc.array(
      fc.oneof(fc.record({ rule: fc.string() }), fc.record({ key: fc.constantFrom("a", "b") })),
    );
    await fc.assert(
      fc.asyncProperty(steps, async (drawn) => {
        const sink = new MemorySink<string>();
        const pipeline = createPipeline();
        // One batch each, in turns: a step of one stream is an empty batch of the other.
        const records = drawn.flatMap((step) => ("key" in step ? [step.key] : []));
        const rules = drawn.flatMap((step) => ("rule" in step ? [step.rule] : []));
        pipeline
          .from(fromArray(records, { batchSize: 1 }))
          .keyBy((key) => key)
          .connect(pipeline.from(fromArray(rules, { batchSize: 1 })).broadcast())
          .process<string, number, string>((context, state) => ({
            onRecord: (key) => context.emit(`${key} ${[...state.keys()].join("|")}`),
            onBroadcast: (rule, _, writable) => void writable.set(rule, writable.size),
          }))
          .to(sink, "sink");
        const crashes = [{ afterBatches: Math.ceil(drawn.length / 2), at: "batch" } as const];
        await runForTest(pipeline, { checkpointEvery: 2, crashes });
        // Sources take turns: the n-th record comes after n - 1 rules.
        const expected = records.map(
          (key, at) => `${key} ${[...new Set(rules.slice(0, at))].join("|")}`,
        );
        expect(sink.committed).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it("has no key: asking for it fails at once", async () => {
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(["a"]))
      .keyBy((key) => key)
      .connect(pipeline.from(fromArray([1])).broadcast())
      .process<string, number, string>((context) => ({
        onRecord: () => {},
        onBroadcast: () => context.emit(context.key),
      }))
      .to(new MemorySink(), "sink");
    await expect(runForTest(pipeline)).rejects.toThrow("there is a key only while");
  });
});
