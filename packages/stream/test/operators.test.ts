import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPipeline, fromArray, MemorySink, outputTag, runForTest } from "../src/index.ts";
import { events, inBound } from "./events.ts";

describe("operators without windows", () => {
  it("map, filter and flatMap do what those of an array do", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer()),
        fc.integer({ min: 1, max: 9 }),
        async (input, size) => {
          const sink = new MemorySink<number>();
          const pipeline = createPipeline();
          pipeline
            .from(fromArray(input, { batchSize: size }))
            .map((value) => value + 1)
            .filter((value) => value % 3 !== 0)
            .flatMap<number>((value, emit) => {
              for (let at = 0; at < Math.abs(value % 3); at++) emit(value);
            })
            .to(sink, "sink");
          await runForTest(pipeline);
          const expected = input
            .map((value) => value + 1)
            .filter((value) => value % 3 !== 0)
            .flatMap((value) => Array.from({ length: Math.abs(value % 3) }, () => value));
          expect(sink.committed).toEqual(expected);
        },
      ),
    );
  });

  it("reduce emits a key's running total for each record", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const sink = new MemorySink<number>();
        const pipeline = createPipeline();
        pipeline
          .from(fromArray(input))
          .keyBy(({ key }) => key)
          .reduce((sum, event) => ({ ...event, value: sum.value + event.value }))
          .map(({ value }) => value)
          .to(sink, "sink");
        await runForTest(pipeline);
        const totals = new Map<string, number>();
        const expected = input.map(({ key, value }) => {
          totals.set(key, (totals.get(key) ?? 0) + value);
          return totals.get(key);
        });
        expect(sink.committed).toEqual(expected);
      }),
    );
  });

  it("a union has all records of its inputs, and those of each in their order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat()), fc.array(fc.nat()), async (one, other) => {
        const sink = new MemorySink<string>();
        const pipeline = createPipeline();
        const first = pipeline
          .from(fromArray(one, { batchSize: 2 }))
          .map((value) => `one ${value}`);
        const second = pipeline
          .from(fromArray(other, { batchSize: 3 }))
          .map((value) => `other ${value}`);
        first.union(second).to(sink, "sink");
        await runForTest(pipeline);
        const of = (name: string): string[] =>
          sink.committed.filter((text) => text.startsWith(`${name} `));
        expect(of("one")).toEqual(one.map((value) => `one ${value}`));
        expect(of("other")).toEqual(other.map((value) => `other ${value}`));
        expect(sink.committed).toHaveLength(one.length + other.length);
      }),
    );
  });

  it("two readers of one stream and a side output: each has all that is for it", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const odd = outputTag<number>("odd");
        const sinks = [0, 1, 2, 3].map(() => new MemorySink<number>());
        const pipeline = createPipeline();
        const even = pipeline
          .from(fromArray(input), { watermarks: inBound })
          .keyBy(({ key }) => key)
          .process<number>((context) => ({
            onRecord: ({ n }) => (n % 2 === 0 ? context.emit(n) : context.sideOutput(odd, n)),
          }));
        const outputs = [even, even, even.sideOutput(odd), even.sideOutput(outputTag("none"))];
        outputs.forEach((output, at) => output.to(sinks[at] as MemorySink<number>, `sink ${at}`));
        await runForTest(pipeline);
        const all = input.map(({ n }) => n);
        const evens = all.filter((n) => n % 2 === 0);
        const odds = all.filter((n) => n % 2 === 1);
        expect(sinks.map(({ committed }) => committed)).toEqual([evens, evens, odds, []]);
      }),
    );
  });
});
