import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AsyncMapOptions,
  type Crash,
  createPipeline,
  fromArray,
  MemorySink,
  runForTest,
  StreamError,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";
import { events, inBound, sorted } from "./events.ts";

/** Resolves after so many turns of the event loop: whoever is called first may return last. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

const crashes: fc.Arbitrary<readonly Crash[]> = fc.array(
  fc.record({
    afterBatches: fc.integer({ min: 1, max: 20 }),
    at: fc.constantFrom<Crash["at"][]>("batch", "before-commit"),
  }),
  { maxLength: 3 },
);

describe("asyncMap", () => {
  it("ordered: what map does, in its order, however long calls take and wherever a crash is", async () => {
    const input = fc.array(fc.record({ value: fc.nat(99), turns: fc.nat(4) }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        input,
        fc.integer({ min: 1, max: 5 }),
        crashes,
        async (records, maxInFlight, planned) => {
          const sink = new MemorySink<number>();
          const pipeline = createPipeline();
          pipeline
            .from(fromArray(records, { batchSize: 3 }))
            .asyncMap(
              async (record) => {
                await turns(record.turns);
                return record.value + 1;
              },
              { maxInFlight },
            )
            .asyncMap((value) => (value % 2 === 0 ? value : Promise.resolve(value)))
            .to(sink, "sink");
          await runForTest(pipeline, { checkpointEvery: 2, crashes: planned });
          expect(sink.committed).toEqual(records.map(({ value }) => value + 1));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("unordered: all of them once, none after a watermark that it was before, nor the reverse", async () => {
    await fc.assert(
      fc.asyncProperty(events(60), crashes, async (input, planned) => {
        const sink = new MemorySink<string>();
        const pipeline = createPipeline();
        pipeline
          .from(fromArray(input, { batchSize: 4 }), { watermarks: inBound })
          .keyBy(() => "all")
          .process<{ n: number; watermarkMs: number; turns: number }>((context) => ({
            onRecord: ({ n, value }) =>
              context.emit({ n, watermarkMs: context.watermarkMs, turns: Math.abs(value) }),
          }))
          .asyncMap(
            async (record) => {
              await turns(record.turns);
              return record;
            },
            { order: "unordered", maxInFlight: 3 },
          )
          .keyBy(() => "all")
          .process<string>((context) => ({
            onRecord: ({ n, watermarkMs }) =>
              context.emit(`${n} ${watermarkMs === context.watermarkMs}`),
          }))
          .to(sink, "sink");
        await runForTest(pipeline, { checkpointEvery: 2, crashes: planned });
        expect(sorted(sink.committed)).toEqual(sorted(input.map(({ n }) => `${n} true`)));
      }),
      { numRuns: 60 },
    );
  });

  it("has no more calls in flight than maxInFlight, and no batch is read while more wait", async () => {
    let inFlight = 0;
    let most = 0;
    const started: number[] = [];
    const readAt: number[] = [];
    const numbers = Array.from({ length: 20 }, (_, at) => at);
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(numbers, { batchSize: 5 }))
      .map((value) => {
        readAt.push(started.length);
        return value;
      })
      .asyncMap(
        async (value) => {
          started.push(value);
          most = Math.max(most, ++inFlight);
          await turns(2);
          inFlight--;
          return value;
        },
        { maxInFlight: 3 },
      )
      .to(new MemorySink(), "sink");
    await runForTest(pipeline);
    expect(most).toBe(3);
    expect(started).toEqual(numbers);
    // Before a batch is read, all calls of those before it have begun.
    expect([0, 5, 10, 15].map((first) => readAt[first])).toEqual([0, 5, 10, 15]);
  });

  async function failing(
    fail: (attempt: number) => Promise<string>,
    options: AsyncMapOptions<string, string>,
  ): Promise<{ readonly out: readonly string[]; readonly attempts: number }> {
    let attempts = 0;
    const sink = new MemorySink<string>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(["one"]))
      .asyncMap(() => fail(++attempts), options)
      .named("calls")
      .to(sink, "sink");
    await runForTest(pipeline, { batchMs: 10 });
    return { out: sink.committed, attempts };
  }

  it("tries again as often as maxRetries, then fails with what the call rejected with", async () => {
    const flaky = async (attempt: number): Promise<string> => {
      if (attempt <= 2) throw new Error(`attempt ${attempt}`);
      return "done";
    };
    const retryDelayMs = 25;
    await expect(failing(flaky, { maxRetries: 2, retryDelayMs })).resolves.toEqual({
      out: ["done"],
      attempts: 3,
    });
    await expect(failing(flaky, { maxRetries: 1 })).rejects.toThrow("attempt 2");
    await expect(failing(flaky, {})).rejects.toThrow("attempt 1");
    const onFailure = (value: string, error: unknown): string => `${value}: ${String(error)}`;
    const { out } = await failing(flaky, { onFailure });
    expect(out).toEqual(["one: Error: attempt 1"]);
  });

  it("gives a call up after timeoutMs of processing time, by name, and what it does later is void", async () => {
    let aborted: unknown;
    const never = new Promise<string>(() => {});
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(["one"]))
      .asyncMap(
        (_, { signal }) => {
          signal.addEventListener("abort", () => void (aborted = signal.reason));
          return never;
        },
        { timeoutMs: 50 },
      )
      .named("calls")
      .to(new MemorySink(), "sink");
    await expect(runForTest(pipeline, { batchMs: 10 })).rejects.toMatchObject({
      code: "timeout",
      message: expect.stringContaining("calls failed: "),
    });
    expect(aborted).toBeInstanceOf(StreamError);
    const second = (attempt: number): Promise<string> =>
      attempt === 1 ? turns(50).then(() => "first") : Promise.resolve("second");
    const { out, attempts } = await failing(second, { timeoutMs: 50, maxRetries: 1 });
    expect([out, attempts]).toEqual([["second"], 2]);
  });

  it("a failure of onFailure fails the job, too", async () => {
    const onFailure = (): string => {
      throw new Error("in onFailure");
    };
    await expect(failing(() => Promise.reject(new Error("no")), { onFailure })).rejects.toThrow(
      "in onFailure",
    );
  });

  it("in flight at a barrier is in its checkpoint, by its input", () => {
    const pipeline = createPipeline();
    pipeline
      .from(fromArray<number>([]))
      .named("numbers")
      .asyncMap((value) => (value === 1 ? value : new Promise<number>(() => {})))
      .named("calls")
      .to(new MemorySink(), "sink");
    const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 4, nowMs: 0 });
    job.sources.get("numbers")?.push({ records: [1, 2, 1, 3], position: 4 });
    const own = job.checkpoint(1).operators.get("calls")?.own[0] as Uint8Array;
    expect(v8Codec.decode(own)).toEqual({
      entries: [2, 1, 3].map((value) => ({ value, timestampMs: 0 })),
    });
  });
});

describe("lookupJoin", () => {
  it("joins each record with what is found; equal keys share a look-up while it is cached", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(4)),
        fc.integer({ min: 0, max: 4 }),
        async (keys, maxEntries) => {
          const asked: number[] = [];
          const sink = new MemorySink<string>();
          const pipeline = createPipeline();
          pipeline
            .from(fromArray(keys, { batchSize: 3 }))
            .lookupJoin({
              keyOf: (key) => key,
              async lookUp(key) {
                asked.push(key);
                await turns(1);
                return `found ${key}`;
              },
              join: (key, found) => `${key} ${found}`,
              cache: { maxEntries },
              maxInFlight: 2,
            })
            .to(sink, "sink");
          await runForTest(pipeline);
          expect(sink.committed).toEqual(keys.map((key) => `${key} found ${key}`));
          expect(asked).toEqual(leastRecentlyUsed(keys, maxEntries));
        },
      ),
      { numRuns: 60 },
    );
  });

  it("asks anew when a cached value is older than its time, and after a failure", async () => {
    const asked: number[] = [];
    const sink = new MemorySink<number>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray([1, 1, 1, 1], { batchSize: 1 }))
      .lookupJoin({
        keyOf: (key) => key,
        lookUp(key) {
          asked.push(key);
          if (asked.length === 1) throw new Error("once");
          return asked.length;
        },
        join: (_, found) => found,
        cache: { maxEntries: 10, ttlMs: 25 },
        maxRetries: 1,
      })
      .to(sink, "sink");
    await runForTest(pipeline, { batchMs: 10 });
    expect(sink.committed).toEqual([2, 2, 2, 3]);
  });
});

/** The keys that are asked for when the last `size` that were used are known. */
function leastRecentlyUsed(keys: readonly number[], size: number): readonly number[] {
  let known: number[] = [];
  return keys.filter((key) => {
    const isAsked = !known.includes(key);
    known = [...known.filter((one) => one !== key), key].slice(-size);
    if (size === 0) known = [];
    return isAsked;
  });
}
