import { VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type CheckpointStore,
  createPipeline,
  exponentialDelay,
  fixedDelay,
  fromArray,
  MemorySink,
  memoryCheckpoints,
  noRestart,
  type Pipeline,
  runPipeline,
  type Sink,
  type Source,
} from "../../src/index.ts";
import { Fed } from "./fed.ts";
import { pump, pumpUntil } from "./pump.ts";

const numbers = Array.from({ length: 200 }, (_, at) => at);

/** A running count by parity, so that any record lost or repeated shows in all that follow. */
function counting(source: Source<number>, sink: Sink<string>): Pipeline {
  const pipeline = createPipeline();
  pipeline
    .from(source)
    .keyBy((value) => value % 2)
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, key) => `${key} ${count}`,
    )
    .named("count")
    .to(sink, "sink");
  return pipeline;
}

const counted = numbers.map((value) => `${value % 2} ${Math.floor(value / 2) + 1}`);

/** Fails, once each, at these calls of all kinds together. */
class Failing {
  readonly #at: Set<number>;
  #calls = 0;
  constructor(at: readonly number[]) {
    this.#at = new Set(at);
  }
  call(): void {
    if (this.#at.delete(++this.#calls)) throw new Error(`call ${this.#calls} fails`);
  }
}

/** A source and a sink, all of whose calls may fail. */
function failingWorld(at: readonly number[]): { pipeline: Pipeline; sink: MemorySink<string> } {
  const failing = new Failing(at);
  const sink = new MemorySink<string>();
  const source: Source<number> = {
    open: (context) => {
      failing.call();
      const batches = fromArray(numbers, { batchSize: 10 }).open(context) as Iterable<never>;
      return (async function* () {
        for (const batch of batches) {
          failing.call();
          yield batch;
        }
      })();
    },
  };
  const failingSink: Sink<string> = {
    recover: (context, transactions) => {
      failing.call();
      sink.recover(context, transactions);
    },
    open: async (context) => {
      failing.call();
      const writer = sink.open(context);
      return {
        write: async (records) => {
          failing.call();
          await writer.write(records);
        },
        prepare: (id) => {
          failing.call();
          return writer.prepare(id);
        },
        commit: async (transaction) => {
          failing.call();
          await writer.commit(transaction);
        },
      };
    },
  };
  const pipeline = createPipeline();
  pipeline
    .from(source)
    .map((value) => {
      if (value % 50 === 49) failing.call();
      return value;
    })
    .keyBy((value) => value % 2)
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (count, key) => `${key} ${count}`,
    )
    .to(failingSink, "sink");
  return { pipeline, sink };
}

describe("a run", () => {
  it("ends with its sources, all committed", async () => {
    const sink = new MemorySink<string>();
    const run = runPipeline(counting(fromArray(numbers, { batchSize: 7 }), sink));
    expect(await run.done).toBe("finished");
    expect(sink.committed).toEqual(counted);
    const metrics = await run.metrics();
    expect([metrics.checkpoints.completed, metrics.restarts]).toEqual([1, 0]);
    const count = metrics.operators.get("count");
    expect(count).toMatchObject({ recordsIn: 200, recordsOut: 200, stateRows: 2 });
    const pipeline = counting(fromArray(numbers), sink);
    expect(pipeline.explain(metrics)).toContain("count: aggregate<br/>in 200, out 200, keys 2");
  });

  it("whatever call fails, of sources, functions, sinks and commits: each effect once", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 15 }),
        async (at, checkpointIntervalMs) => {
          const clock = new VirtualClock();
          const { pipeline, sink } = failingWorld(at);
          const restart = exponentialDelay({ firstMs: 1, maxMs: 4 });
          const run = runPipeline(pipeline, { clock, checkpointIntervalMs, restart });
          expect(await pump(clock, run.done)).toBe("finished");
          expect(sink.committed).toEqual(counted);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("stopped takes a last checkpoint, from which the next run goes on", async () => {
    const clock = new VirtualClock();
    const checkpoints = memoryCheckpoints();
    const sink = new MemorySink<string>();
    const source = new Fed<number>();
    const run = runPipeline(counting(source, sink), { clock, checkpoints });
    source.feed(...numbers.slice(0, 50));
    await pumpUntil(clock, () => source.taken === 1);
    expect(await pump(clock, run.stop())).toBe("stopped");
    expect(sink.committed).toEqual(counted.slice(0, 50));
    const rest = new Fed<number>();
    rest.feed(...numbers.slice(50));
    rest.end();
    const next = runPipeline(counting(rest, sink), { clock, checkpoints });
    expect(await pump(clock, next.done)).toBe("finished");
    expect(sink.committed).toEqual(counted);
  });

  it("cancelled, by its signal or by leaving its scope, commits nothing more", async () => {
    const clock = new VirtualClock();
    const sink = new MemorySink<string>();
    const source = new Fed<number>();
    source.feed(1, 2, 3);
    const aborted = new AbortController();
    const { signal } = aborted;
    const run = runPipeline(counting(source, sink), { clock, signal });
    await pumpUntil(clock, () => source.taken === 1);
    aborted.abort();
    expect(await pump(clock, run.done)).toBe("cancelled");
    const other = runPipeline(counting(new Fed<number>(), sink), { clock });
    await pump(clock, other[Symbol.asyncDispose]());
    expect(await other.done).toBe("cancelled");
    expect(sink.committed).toEqual([]);
  });
});

describe("restarts", () => {
  const broken = (): Pipeline => {
    const pipeline = createPipeline();
    pipeline
      .from(fromArray(numbers, { batchSize: 10 }))
      .named("numbers")
      .map((value) => {
        if (value === 123) throw new Error("cannot bear 123");
        return value;
      })
      .named("bear")
      .to(new MemorySink(), "sink");
    return pipeline;
  };

  it("none: the first failure is the run's, and says which operator and where", async () => {
    const run = runPipeline(broken(), { restart: noRestart });
    await expect(run.done).rejects.toMatchObject({
      code: "record-failed",
      message: "bear failed at record 3 after 120 of numbers: cannot bear 123",
      place: { source: "numbers", split: "", position: 120, index: 3 },
    });
  });

  it("of fixed delay: so many, with that pause", async () => {
    const clock = new VirtualClock();
    const atMs: number[] = [];
    const run = runPipeline(broken(), {
      clock,
      restart: fixedDelay({ maxRestarts: 3, delayMs: 100 }),
      onRestart: () => void atMs.push(clock.now()),
    });
    await expect(pump(clock, run.done)).rejects.toMatchObject({ code: "restarts-exhausted" });
    const pauses = atMs.slice(1).map((ms, at) => ms - (atMs[at] as number));
    expect(pauses).toHaveLength(2);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(100);
  });

  it("of exponential delay: pauses grow up to the limit", () => {
    const strategy = exponentialDelay({ maxRestarts: 5, firstMs: 10, factor: 3, maxMs: 100 });
    expect([1, 2, 3, 4, 5, 6].map((failure) => strategy.delayMs(failure))).toEqual([
      10,
      30,
      90,
      100,
      100,
      undefined,
    ]);
  });
});

describe("the second phase", () => {
  it("that fails names sink and transaction; the next run commits, and nothing is lost", async () => {
    const checkpoints = memoryCheckpoints();
    const sink = new MemorySink<string>();
    const stubborn: Sink<string> = {
      recover: (context, transactions) => sink.recover(context, transactions),
      open: (context) => ({
        ...sink.open(context),
        commit: () => Promise.reject(new Error("no connection")),
      }),
    };
    const source = fromArray(numbers);
    const run = runPipeline(counting(source, stubborn), { checkpoints, restart: noRestart });
    await expect(run.done).rejects.toMatchObject({
      code: "commit-failed",
      message: 'sink sink failed, at the commit of transaction "1/0": no connection',
    });
    expect(sink.committed).toEqual([]);
    expect(await runPipeline(counting(source, sink), { checkpoints }).done).toBe("finished");
    expect(sink.committed).toEqual(counted);
  });
});

describe("checkpoints that cannot be stored", () => {
  /** Refuses the first `failures` saves. */
  const unreliable = (failures: number): CheckpointStore => {
    const store = memoryCheckpoints();
    let left = failures;
    return {
      latest: () => store.latest(),
      save: (checkpoint) =>
        left-- > 0 ? Promise.reject(new Error("disk full")) : store.save(checkpoint),
      committing: (id) => store.committing(id),
    };
  };

  it("up to the limit are made up for by the next, state and transactions", async () => {
    const clock = new VirtualClock();
    const sink = new MemorySink<string>();
    const source = new Fed<number>();
    const checkpoints = unreliable(2);
    const options = { clock, checkpoints, checkpointIntervalMs: 10, maxFailedCheckpoints: 2 };
    const run = runPipeline(counting(source, sink), options);
    for (let at = 0; at < 5; at++) {
      source.feed(...numbers.slice(at * 10, at * 10 + 10));
      await clock.advance(10);
      await pumpUntil(clock, () => source.taken === at + 1);
    }
    await pumpUntil(clock, () => sink.committed.length === 50);
    const { checkpoints: told, restarts } = await run.metrics();
    expect([told.failed, restarts]).toEqual([2, 0]);
    expect((await checkpoints.latest())?.layers.length).toBeGreaterThanOrEqual(3);
    await pump(clock, run.stop());
    expect(sink.committed).toEqual(counted.slice(0, 50));
  });

  it("beyond the limit fail the run, and so do those that take too long", async () => {
    const clock = new VirtualClock();
    const options = { clock, restart: noRestart, checkpointIntervalMs: 10 };
    const failing = runPipeline(counting(new Fed<number>(), new MemorySink()), {
      ...options,
      checkpoints: unreliable(1),
    });
    await expect(pump(clock, failing.done)).rejects.toMatchObject({ code: "checkpoint-failed" });
    const slow = runPipeline(counting(new Fed<number>(), new MemorySink()), {
      ...options,
      checkpointTimeoutMs: 50,
      checkpoints: { ...memoryCheckpoints(), latest: async () => undefined, save: never },
    });
    await expect(pump(clock, slow.done)).rejects.toThrow("took longer than 50 ms");
  });
});

describe("a source", () => {
  it("hears which positions are kept: of what was processed, not of what was read ahead", async () => {
    const kept: unknown[] = [];
    const sink = new MemorySink<number>();
    const source: Source<number> = {
      open: ({ positions }) => {
        const from = (positions.get("part") as number | undefined) ?? 0;
        const batches = (async function* () {
          for (let at = from; at < 6; at++) {
            yield { records: [at], split: "part", position: at + 1 };
          }
        })();
        return Object.assign(batches, {
          checkpointed: (at: ReadonlyMap<string, unknown>) => {
            // What is kept is committed, no more and no less.
            expect(at.get("part")).toBe(sink.committed.length);
            kept.push(at.get("part"));
          },
        });
      },
    };
    const clock = new VirtualClock();
    const pipeline = createPipeline();
    pipeline.from(source).to(sink, "sink");
    const run = runPipeline(pipeline, { clock, checkpointIntervalMs: 1 });
    await pump(clock, run.done);
    expect(kept.at(-1)).toBe(6);
    expect(sink.committed).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe("backpressure", () => {
  it("a sink that does not go on stops what is read, within the buffers' bounds", async () => {
    const clock = new VirtualClock();
    let read = 0;
    let release: () => void = () => {};
    const released = new Promise<void>((resolve) => (release = resolve));
    const source: Source<number> = {
      *open() {
        for (let at = 0; at < 100; at++) {
          read++;
          yield { records: [at, at, at], position: at };
        }
      },
    };
    const memory = new MemorySink<number>();
    const sink: Sink<number> = {
      recover: () => {},
      open: (context) => {
        const writer = memory.open(context);
        const write = async (records: readonly number[]): Promise<void> => {
          await released;
          await writer.write(records);
        };
        return { ...writer, write };
      },
    };
    const pipeline = createPipeline();
    pipeline.from(source).to(sink, "sink");
    const run = runPipeline(pipeline, { clock });
    await clock.advance(1_000);
    await pumpUntil(clock, () => clock.now() > 1_200);
    expect(read).toBeLessThanOrEqual(2);
    release();
    expect(await pump(clock, run.done)).toBe("finished");
    expect(memory.committed).toHaveLength(300);
    expect(read).toBe(100);
  });

  it("a sink that never answers keeps no restart from beginning", async () => {
    const clock = new VirtualClock();
    const memory = new MemorySink<number>();
    let opened = 0;
    const sink: Sink<number> = {
      recover: (context, transactions) => memory.recover(context, transactions),
      open: (context) => {
        const writer = memory.open(context);
        return ++opened === 1 ? { ...writer, write: never } : writer;
      },
    };
    const pipeline = createPipeline();
    pipeline.from(fromArray(numbers)).to(sink, "sink");
    const run = runPipeline(pipeline, {
      clock,
      checkpointIntervalMs: 10,
      checkpointTimeoutMs: 100,
    });
    expect(await pump(clock, run.done)).toBe("finished");
    expect(memory.committed).toEqual(numbers);
  });

  it("a source that waits delays no other", async () => {
    const clock = new VirtualClock();
    const [silent, chatty] = [new Fed<number>(), new Fed<number>()];
    const pipeline = createPipeline();
    const sink = new MemorySink<number>();
    pipeline.from(silent).union(pipeline.from(chatty)).to(sink, "sink");
    const run = runPipeline(pipeline, { clock, checkpointIntervalMs: 10 });
    for (let at = 0; at < 20; at++) chatty.feed(at);
    await pumpUntil(clock, () => sink.committed.length === 20);
    expect(silent.taken).toBe(0);
    await pump(clock, run.cancel());
  });
});

const never = (): Promise<never> => new Promise(() => {});
