import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { restoreKeyed } from "../src/core/state/keyed-layers.ts";
import { KeyedRows } from "../src/core/state/keyed-rows.ts";
import type { OperatorLayer } from "../src/core/state/layer.ts";
import { KeyTimers } from "../src/core/time/key-timers.ts";
import {
  createPipeline,
  fromArray,
  MemorySink,
  punctuated,
  runForTest,
  type TimeToLive,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";

type Step = {
  readonly kind: "write" | "read" | "add" | "clear";
  readonly key: string;
  readonly atMs: number;
};

const BATCH_MS = 10;
const TTL_MS = 35;
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("write" as const, "read" as const, "add" as const, "clear" as const),
    key: fc.constantFrom("a", "b"),
    atMs: fc.nat(120),
  }),
  { maxLength: 30, size: "max" },
);
const ttls: fc.Arbitrary<TimeToLive> = fc.record({
  ttlMs: fc.constant(TTL_MS),
  domain: fc.constantFrom("event" as const, "processing" as const),
  refreshOn: fc.constantFrom("write" as const, "read-and-write" as const),
});

/** Puts out, for each step, what was there before it. */
function stateful(drawn: readonly Step[], ttl: TimeToLive, sink = new MemorySink<string>()) {
  const pipeline = createPipeline();
  pipeline
    .from(fromArray(drawn, { batchSize: 1 }), {
      watermarks: punctuated(
        ({ atMs }) => atMs,
        (_, atMs) => atMs - 20,
      ),
    })
    .named("steps")
    .keyBy(({ key }) => key)
    .process<string>((context) => {
      const list = context.state.list<number>("list", ttl);
      let n = 0;
      return {
        onRecord({ kind }) {
          n++;
          // Only a read says what it found: finding out refreshes.
          if (kind === "read") context.emit(`${context.key} ${list.get().length}`);
          else if (kind === "write") list.set([n]);
          else if (kind === "add") list.add(n);
          else list.clear();
        },
      };
    })
    .named("state")
    .to(sink, "sink");
  return { pipeline, sink };
}

/** Lengths by key with the time of the last touch, looked at only when asked. */
function naive(drawn: readonly Step[], { domain, refreshOn }: TimeToLive): readonly string[] {
  const kept = new Map<string, { length: number; expiresAtMs: number }>();
  let watermarkMs = -Infinity;
  const found: string[] = [];
  drawn.forEach(({ kind, key, atMs }, at) => {
    // The clock is moved after each batch.
    const nowMs = domain === "event" ? watermarkMs : at * BATCH_MS;
    const touchedAtMs = domain === "event" ? atMs : nowMs;
    const one = kept.get(key);
    const before = one && one.expiresAtMs > nowMs ? one : undefined;
    const touch = (length: number): void => {
      const expiresAtMs = Math.max(before?.expiresAtMs ?? -Infinity, touchedAtMs + TTL_MS);
      kept.set(key, { length, expiresAtMs });
    };
    if (!before) kept.delete(key);
    if (kind === "read") {
      found.push(`${key} ${before?.length ?? 0}`);
      if (before && refreshOn === "read-and-write") touch(before.length);
    } else if (kind === "write") touch(1);
    else if (kind === "add") touch((before?.length ?? 0) + 1);
    else kept.delete(key);
    watermarkMs = Math.max(watermarkMs, atMs - 20);
  });
  return found;
}

describe("state with a time to live", () => {
  it("is there until its time is over and never after, wherever a crash is", async () => {
    await fc.assert(
      fc.asyncProperty(steps, ttls, fc.integer({ min: 1, max: 30 }), async (drawn, ttl, after) => {
        const { pipeline, sink } = stateful(drawn, ttl);
        // Processing time goes on after a crash, so a replay finds what is over by then.
        const crashes =
          ttl.domain === "event" ? [{ afterBatches: after, at: "batch" } as const] : [];
        await runForTest(pipeline, { batchMs: BATCH_MS, checkpointEvery: 4, crashes });
        expect(sink.committed).toEqual(naive(drawn, ttl));
      }),
      { numRuns: 300 },
    );
  });

  it("leaves nothing behind: when all time is over, no row and no timer", async () => {
    fc.assert(
      fc.property(steps, ttls, (drawn, ttl) => {
        const { pipeline } = stateful(drawn, ttl);
        const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 4, nowMs: 0 });
        const layers: OperatorLayer[] = [];
        const keep = (id: number): void => {
          layers.push(job.checkpoint(id).operators.get("state") as OperatorLayer);
        };
        drawn.forEach((step, at) => {
          job.sources.get("steps")?.push({ records: [step], position: at });
          job.tick(at * BATCH_MS);
          keep(at);
        });
        job.tick(1e9);
        job.sources.get("steps")?.end();
        keep(drawn.length);
        const rows = new KeyedRows<string>();
        for (const name of ["list", "list: expires at"]) rows.declare(name);
        const timers = new KeyTimers(rows);
        restoreKeyed(rows, timers, layers, v8Codec);
        expect([rows.size, timers.size]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });

  it("may get or lose it in a later version", () => {
    const restored: ReturnType<Job["checkpoint"]>[] = [];
    const start = (ttl?: TimeToLive): { job: Job; read: () => unknown } => {
      const pipeline = createPipeline();
      pipeline
        .from(fromArray<string>([]))
        .named("source")
        .keyBy(() => "key")
        .process<number>((context) => {
          const value = context.state.value<number>("value", ttl);
          return {
            onRecord: (kind) => (kind === "set" ? value.set(1) : context.emit(value.get() ?? 0)),
          };
        })
        .named("state")
        .to(new MemorySink(), "sink");
      const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: 4, nowMs: 0, restored });
      const push = (kind: string): void =>
        job.sources.get("source")?.push({ records: [kind], position: 0 });
      if (restored.length === 0) push("set");
      const read = (): unknown => {
        push("get");
        return job.sinks.get("sink")?.drain()[0];
      };
      return { job, read };
    };
    restored.push(start().job.checkpoint(1));
    const withTtl = start({ ttlMs: 10 });
    expect(withTtl.read()).toBe(1);
    restored.push(withTtl.job.checkpoint(2));
    expect(start().read()).toBe(1);
  });
});
