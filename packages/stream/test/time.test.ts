import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Channel } from "../src/core/channel.ts";
import { KeyedRows } from "../src/core/state/keyed-rows.ts";
import { Row } from "../src/core/state/row.ts";
import { KeyTimer } from "../src/core/time/key-timer.ts";
import { TimerHeap } from "../src/core/time/timer-heap.ts";
import { KeyTimers } from "../src/core/time/key-timers.ts";
import {
  boundedDisorder,
  createPipeline,
  fromArray,
  MemorySink,
  punctuated,
  runForTest,
  type WatermarkStrategy,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";
import { BOUND_MS, events, inBound } from "./events.ts";

interface Mark {
  readonly atMs: number;
  readonly watermarkMs?: number;
}

/** What goes through a chain, written down: a second reader of each stream. */
class Tape implements Channel<unknown> {
  readonly heard: string[] = [];
  next: Channel<unknown> | undefined;
  record(): void {
    this.heard.push("record");
  }
  watermark(ms: number): void {
    this.heard.push(`watermark ${ms}`);
  }
  idle(): void {
    this.heard.push("idle");
  }
  barrier(id: number): void {
    this.heard.push(`barrier ${id}`);
    this.next?.barrier(id);
  }
  end(): void {
    this.heard.push("end");
  }
}

/** Two sources, in a union, onto a tape. */
function taped(strategy: WatermarkStrategy<Mark>): { job: Job; tape: Tape } {
  const pipeline = createPipeline();
  const left = pipeline.from(fromArray<Mark>([]), { watermarks: strategy }).named("left");
  const right = pipeline.from(fromArray<Mark>([]), { watermarks: strategy }).named("right");
  left.union(right).to(new MemorySink(), "sink");
  const tape = new Tape();
  const create = (_: unknown, next: Channel<unknown>): Channel<unknown>[] => {
    tape.next = next;
    return [tape];
  };
  const graph = pipeline.graph.map((node) =>
    node.role === "sink" ? { ...node, role: "operator" as const, create } : node,
  );
  return { job: new Job(graph, { codec: v8Codec, keyGroups: 128, nowMs: 0 }), tape };
}

function push(job: Job, source: string, ...marks: readonly Mark[]): void {
  job.sources.get(source)?.push({ records: marks, position: undefined });
}

const disordered = boundedDisorder<Mark>(({ atMs }) => atMs, 5, { idleAfterMs: 100 });

describe("watermarks", () => {
  it("of bounded disorder: a record within the bound is never late, one beyond it is", async () => {
    await fc.assert(
      fc.asyncProperty(events(60), async (input) => {
        const sink = new MemorySink<boolean>();
        const pipeline = createPipeline();
        pipeline
          .from(fromArray(input), { watermarks: inBound })
          .keyBy(({ key }) => key)
          .process<boolean>((context) => ({
            onRecord: ({ atMs }) => context.emit(atMs <= context.watermarkMs),
          }))
          .to(sink, "sink");
        await runForTest(pipeline);
        let highestMs = -Infinity;
        const isLate = input.map(({ atMs }) => {
          const late = atMs < highestMs - BOUND_MS;
          highestMs = Math.max(highestMs, atMs);
          return late;
        });
        expect(sink.committed).toEqual(isLate);
      }),
    );
  });

  it("of a union are the least of its inputs'", () => {
    const { job, tape } = taped(disordered);
    push(job, "left", { atMs: 100 });
    push(job, "right", { atMs: 50 }, { atMs: 60 });
    push(job, "left", { atMs: 200 });
    expect(tape.heard.filter((text) => text.startsWith("w"))).toEqual([
      "watermark 44",
      "watermark 54",
    ]);
  });

  it("of an idle source hold nothing back, and hold back again once it has records", () => {
    const { job, tape } = taped(disordered);
    push(job, "left", { atMs: 50 });
    push(job, "right", { atMs: 10 });
    job.tick(99);
    push(job, "left", { atMs: 100 });
    job.tick(100);
    expect(tape.heard.at(-1)).toBe("watermark 94");
    push(job, "right", { atMs: 20 });
    push(job, "left", { atMs: 300 });
    expect(tape.heard.at(-2)).toBe("record");
    expect(tape.heard.at(-1)).toBe("record");
    job.tick(1_000);
    expect(tape.heard.slice(-2)).toEqual(["watermark 294", "idle"]);
  });

  it("punctuated: those that records carry, and none that goes back", () => {
    const { job, tape } = taped(
      punctuated(
        ({ atMs }) => atMs,
        ({ watermarkMs }) => watermarkMs,
      ),
    );
    for (const source of ["left", "right"]) {
      push(job, source, { atMs: 1 }, { atMs: 2, watermarkMs: 2 }, { atMs: 3, watermarkMs: 1 });
    }
    expect(tape.heard.filter((text) => text !== "record")).toEqual(["watermark 2"]);
  });

  it("refuses a timestamp that is no number, by the source's name", () => {
    const { job } = taped(disordered);
    expect(() => push(job, "left", { atMs: Number.NaN })).toThrow(
      "left failed: a record's timestamp is NaN",
    );
  });
});

describe("barriers", () => {
  it("go on once, when the last input of a union has had them", () => {
    const { job, tape } = taped(disordered);
    push(job, "left", { atMs: 1 });
    job.checkpoint(7);
    push(job, "right", { atMs: 1 });
    expect(tape.heard).toEqual(["record", "barrier 7", "record", "watermark -5"]);
  });

  it("an input that is read beyond its barrier before the others had theirs fails at once", () => {
    const { job } = taped(disordered);
    job.sources.get("left")?.barrier(1);
    expect(() => push(job, "left", { atMs: 1 })).toThrow("read while it is held");
  });
});

describe("timers", () => {
  type Call =
    | { readonly kind: "set" | "delete"; readonly key: number; readonly atMs: number }
    | { readonly kind: "fire"; readonly atMs: number };
  const key = fc.nat(3);
  const atMs = fc.nat(6); // few, so that timers share their times
  const calls: fc.Arbitrary<Call[]> = fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant("set" as const), key, atMs }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant("delete" as const), key, atMs }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("fire" as const), atMs }) },
    ),
    { maxLength: 100, size: "max" },
  );

  it("fire once each, by time and then by setting, as a sorted list does", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const rows = new KeyedRows<number>();
        const timers = new KeyTimers(rows);
        let naive: { key: number; atMs: number }[] = [];
        for (const call of made) {
          if (call.kind === "fire") {
            const fired: { key: number; atMs: number }[] = [];
            timers.fire("event", call.atMs, ({ row, timeMs }) => {
              fired.push({ key: row.key, atMs: timeMs });
            });
            const due = naive.filter((one) => one.atMs <= call.atMs);
            expect(fired).toEqual(due.toSorted((a, b) => a.atMs - b.atMs));
            naive = naive.filter((one) => one.atMs > call.atMs);
            continue;
          }
          const isSame = (one: { key: number; atMs: number }): boolean =>
            one.key === call.key && one.atMs === call.atMs;
          rows.select(call.key);
          if (call.kind === "delete") {
            timers.delete("event", call.atMs);
            naive = naive.filter((one) => !isSame(one));
          } else {
            timers.set("event", call.atMs);
            if (!naive.some(isSame)) naive.push({ key: call.key, atMs: call.atMs });
          }
          expect(timers.size).toBe(naive.length);
          expect(rows.size).toBe(new Set(naive.map((one) => one.key)).size);
        }
      }),
    );
  });

  it("come out of their heap by time, whichever were removed from it", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.array(fc.nat()), (times, drawn) => {
        const heap = new TimerHeap<number>();
        const row = new Row(0, 0);
        let naive = times.map(
          (timeMs, sequence) => new KeyTimer(row, "event", timeMs, 0, sequence),
        );
        for (const timer of naive) heap.add(timer);
        for (const at of drawn) {
          const removed = naive[at % naive.length];
          if (!removed) break;
          heap.remove(removed);
          naive = naive.filter((timer) => timer !== removed);
        }
        const out: KeyTimer<number>[] = [];
        for (let first = heap.earliest; first; first = heap.earliest) {
          heap.remove(first);
          out.push(first);
        }
        expect(out).toEqual(naive.toSorted((a, b) => a.timeMs - b.timeMs));
      }),
    );
  });

  it("of processing time fire when the clock comes to them, without any record", async () => {
    const sink = new MemorySink<string>();
    const pipeline = createPipeline();
    pipeline
      .from(fromArray([1, 2, 3, 4], { batchSize: 1 }))
      .keyBy((value) => value % 2)
      .process<string>((context) => ({
        onRecord: () => context.setTimer("processing", 25),
        onTimer: (timeMs, domain) =>
          context.emit(`${context.key} ${domain} ${timeMs} at ${context.processingTimeMs}`),
      }))
      .to(sink, "sink");
    await runForTest(pipeline, { batchMs: 10 });
    expect(sink.committed).toEqual([
      "1 processing 25 at 30",
      "0 processing 25 at 30",
      "0 processing 25 at 40", // set when it was past
    ]);
  });
});
