import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyGroup, subtaskOfGroup } from "../src/core/state/key-groups.ts";
import { keyedLayer, restoreKeyed } from "../src/core/state/keyed-layers.ts";
import { KeyedRows } from "../src/core/state/keyed-rows.ts";
import type { CheckpointLayer, LayerPieces, OperatorLayer } from "../src/core/state/layer.ts";
import { KeyTimers } from "../src/core/time/key-timers.ts";
import {
  boundedDisorder,
  createPipeline,
  fromArray,
  MemorySink,
  runForTest,
  session,
  tumbling,
} from "../src/index.ts";
import { Job } from "../src/job.ts";
import { v8Codec } from "../src/v8-codec.ts";
import { events, inBound } from "./events.ts";
import { all, wholeLayer } from "./whole-layer.ts";

const KEY_GROUPS = 16;

describe("key groups", () => {
  it("are Flink's: murmurHash(key.hashCode()) % maxParallelism", () => {
    // MathUtils.murmurHash of Flink, by hand for the hash codes 0, 1 and "a" (97).
    expect([0, 1, "a"].map((key) => keyGroup(key, 2 ** 31))).toEqual(
      [0, 1, 97].map((code) => flinkMurmur(code)),
    );
  });

  it("are owned in ranges by subtasks, each by one, and a number as -0 is where 0 is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 128 }), (subtasks) => {
        const owners = Array.from({ length: 128 }, (_, group) =>
          subtaskOfGroup(group, 128, subtasks),
        );
        expect(owners).toEqual(owners.toSorted((a, b) => a - b));
        expect(new Set(owners).size).toBe(subtasks);
      }),
    );
    expect(keyGroup(-0, 128)).toBe(keyGroup(0, 128));
  });
});

type Call =
  | { readonly kind: "add"; readonly key: string; readonly value: number }
  | { readonly kind: "piece" }
  | { readonly kind: "put"; readonly key: string; readonly slot: number; readonly value: number }
  | { readonly kind: "clear"; readonly key: string; readonly slot: number }
  | { readonly kind: "timer"; readonly key: string; readonly atMs: number }
  | { readonly kind: "fire"; readonly atMs: number }
  | { readonly kind: "checkpoint" };

const key = fc.constantFrom("a", "b", "c", "d");
const slot = fc.nat(1);
const calls: fc.Arbitrary<Call[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("put" as const), key, slot, value: fc.nat(9) }),
    fc.record({ kind: fc.constant("add" as const), key, value: fc.nat(9) }),
    fc.constant({ kind: "piece" as const }),
    fc.record({ kind: fc.constant("clear" as const), key, slot }),
    fc.record({ kind: fc.constant("timer" as const), key, atMs: fc.nat(20) }),
    fc.record({ kind: fc.constant("fire" as const), atMs: fc.nat(20) }),
    fc.constant({ kind: "checkpoint" as const }),
  ),
  { maxLength: 60 },
);

function make(names: readonly string[]): { rows: KeyedRows<string>; timers: KeyTimers<string> } {
  const rows = new KeyedRows<string>();
  for (const name of names) rows.declare(name);
  return { rows, timers: new KeyTimers(rows) };
}

/** As an operator would: a list is changed in place, and only then said to be. */
function perform(rows: KeyedRows<string>, timers: KeyTimers<string>, call: Call): void {
  if ("key" in call) rows.select(call.key);
  if (call.kind === "put") rows.put(call.slot, call.value);
  else if (call.kind === "clear") rows.put(call.slot, undefined);
  else if (call.kind === "timer") timers.set("event", call.atMs);
  else if (call.kind === "fire") timers.fire("event", call.atMs, () => {});
  else if (call.kind === "add") add(rows, call.value);
}

function add(rows: KeyedRows<string>, value: number): void {
  const list = rows.row?.slots[1];
  if (!Array.isArray(list)) return rows.put(1, [value]);
  list.push(value);
  rows.touch();
}

function contents(rows: KeyedRows<string>): readonly string[] {
  return [...rows]
    .map(({ key: of, slots, timers }) =>
      JSON.stringify([of, slots, timers.map(({ timeMs, sequence }) => [timeMs, sequence])]),
    )
    .toSorted();
}

function contentsOf(layers: readonly OperatorLayer[]): readonly string[] {
  const { rows, timers } = make(["one", "two"]);
  restoreKeyed(rows, timers, layers, v8Codec);
  return contents(rows);
}

describe("layers of keyed state", () => {
  it("together are the state at the last of them, whatever changed between", () => {
    fc.assert(
      fc.property(calls, (made) => {
        const { rows, timers } = make(["one", "two"]);
        const layers: OperatorLayer[] = [];
        for (const call of [...made, { kind: "checkpoint" as const }]) {
          if (call.kind !== "checkpoint") perform(rows, timers, call);
          else layers.push(wholeLayer(rows, 5, KEY_GROUPS));
        }
        const restored = make(["one", "two"]);
        expect(restoreKeyed(restored.rows, restored.timers, layers, v8Codec)).toBe(5);
        expect(contents(restored.rows)).toEqual(contents(rows));
        expect(restored.timers.size).toBe(timers.size);
        expect(wholeLayer(restored.rows, 5, KEY_GROUPS).groups.size).toBe(0);
      }),
    );
  });

  it("are the state at the barrier, whatever is written while they are encoded piece by piece", () => {
    fc.assert(
      fc.property(calls, fc.integer({ min: 1, max: 3 }), (made, pieceRows) => {
        const { rows, timers } = make(["one", "two"]);
        const options = { keyGroups: KEY_GROUPS, codec: v8Codec, pieceRows };
        const layers: OperatorLayer[] = [];
        const atBarrier: (readonly string[])[] = [];
        let pending: LayerPieces | undefined;
        const finish = (): void => {
          if (pending) layers.push(all(pending));
          pending = undefined;
        };
        for (const call of [...made, { kind: "checkpoint" as const }]) {
          if (call.kind === "checkpoint") {
            finish();
            pending = keyedLayer(rows, 5, options);
            atBarrier.push(contents(rows));
          } else if (call.kind === "piece") {
            const piece = pending?.next();
            if (!piece?.done) continue;
            layers.push(piece.value);
            pending = undefined;
          } else {
            perform(rows, timers, call);
          }
        }
        finish();
        expect(layers.map((_, at) => contentsOf(layers.slice(0, at + 1)))).toEqual(atBarrier);
      }),
      { numRuns: 500 },
    );
  });

  it("split by key groups, give each subtask the keys that it owns and no others", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string()),
        fc.integer({ min: 1, max: KEY_GROUPS }),
        (keys, subtasks) => {
          const { rows } = make(["value"]);
          for (const one of keys) {
            rows.select(one);
            rows.put(0, one);
          }
          const { groups, own } = wholeLayer(rows, 0, KEY_GROUPS);
          const found: string[] = [];
          for (let subtask = 0; subtask < subtasks; subtask++) {
            const isMine = (group: number): boolean =>
              subtaskOfGroup(group, KEY_GROUPS, subtasks) === subtask;
            const mine = new Map([...groups].filter(([group]) => isMine(group)));
            const part = make(["value"]);
            restoreKeyed(part.rows, part.timers, [{ groups: mine, own }], v8Codec);
            for (const row of part.rows) {
              expect(isMine(keyGroup(row.key, KEY_GROUPS))).toBe(true);
              found.push(row.key);
            }
          }
          expect(found.toSorted()).toEqual(keys.toSorted());
        },
      ),
    );
  });

  it("find states by name: a version may add, drop and reorder them", () => {
    const { rows } = make(["kept", "dropped"]);
    rows.select("a");
    rows.put(0, 1);
    rows.put(1, 2);
    rows.select("b");
    rows.put(1, 2);
    const layer = wholeLayer(rows, 0, KEY_GROUPS);
    const next = make(["added", "kept"]);
    restoreKeyed(next.rows, next.timers, [layer], v8Codec);
    expect(contents(next.rows)).toEqual(['["a",[null,1],[]]']);
  });

  it("cost what changed: of 1,000 keys one record changes one row", () => {
    const { rows } = make(["value"]);
    for (let at = 0; at < 1_000; at++) {
      rows.select(`key ${at}`);
      rows.put(0, at);
    }
    const bytes = ({ groups }: OperatorLayer): number =>
      [...groups.values()].reduce((sum, { length }) => sum + length, 0);
    const first = bytes(wholeLayer(rows, 0, KEY_GROUPS));
    rows.select("key 5");
    rows.put(0, -1);
    expect(bytes(wholeLayer(rows, 0, KEY_GROUPS))).toBeLessThan(first / 500);
  });
});

describe("state that is not used any more", () => {
  it("is gone: after all windows have emitted, a checkpoint restores no row", async () => {
    await fc.assert(
      fc.asyncProperty(events(), async (input) => {
        const pipeline = createPipeline();
        pipeline
          .from(fromArray(input), { watermarks: inBound })
          .named("events")
          .keyBy((event) => event.key)
          .window(tumbling(10))
          .reduce((_, last) => last)
          .named("windows")
          .to(new MemorySink(), "sink");
        const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: KEY_GROUPS, nowMs: 0 });
        const before = job.checkpoint(1);
        job.sources.get("events")?.push({ records: input, position: undefined });
        const during = job.checkpoint(2);
        job.sources.get("events")?.end();
        const after = job.checkpoint(3);
        const layers = [before, during, after].map(
          ({ operators }) => operators.get("windows") as OperatorLayer,
        );
        const { rows, timers } = make(["panes"]);
        restoreKeyed(rows, timers, layers, v8Codec);
        expect([rows.size, timers.size]).toEqual([0, 0]);
      }),
    );
  });
});

describe("keys that come and go between two checkpoints", () => {
  it("are not in the next layer: what is remembered is bounded by what there is", () => {
    const { rows, timers } = make(["value"]);
    for (let at = 0; at < 1_000; at++) {
      rows.select(`key ${at}`);
      timers.set("event", at);
      rows.put(0, at);
      rows.put(0, undefined);
      timers.delete("event", at);
    }
    expect(wholeLayer(rows, 0, KEY_GROUPS).groups.size).toBe(0);
  });
});

describe("a checkpoint of a job", () => {
  it("has the state at its barrier, though the job read on before all was encoded", () => {
    const build = (restored: CheckpointLayer[]): Job => {
      const pipeline = createPipeline();
      pipeline
        .from(fromArray<number>([]))
        .named("numbers")
        .keyBy(Number)
        .aggregate({ create: () => [0], add: counted, result: ([count]) => count })
        .named("counts")
        .to(new MemorySink(), "sink");
      return new Job(pipeline.graph, { codec: v8Codec, keyGroups: KEY_GROUPS, nowMs: 0, restored });
    };
    const numbers = Array.from({ length: 1_000 }, (_, at) => at);
    const push = (job: Job): readonly unknown[] => {
      job.sources.get("numbers")?.push({ records: numbers, position: undefined });
      return job.sinks.get("sink")?.drain() ?? [];
    };
    const job = build([]);
    push(job);
    job.barrier(1);
    job.sinks.get("sink")?.prepared();
    expect(job.encode()).toBe(true);
    expect(job.takeLayer(1)).toBeUndefined();
    expect(new Set(push(job))).toEqual(new Set([2]));
    while (job.encode());
    const layer = job.takeLayer(1) as CheckpointLayer;
    expect(new Set(push(build([layer])))).toEqual(new Set([2]));
    expect(new Set(push(job))).toEqual(new Set([3]));
  });
});

/** Counts in place. */
function counted(count: number[]): number[] {
  count[0] = (count[0] as number) + 1;
  return count;
}

describe("a session that goes on", () => {
  it("has one timer, whatever its length and its triggers set", () => {
    const pipeline = createPipeline();
    pipeline
      .from(fromArray<number>([]), { watermarks: boundedDisorder((atMs) => atMs, 1_000) })
      .named("times")
      .keyBy(() => "all")
      .window(session(10))
      .reduce((_, last) => last)
      .named("sessions")
      .to(new MemorySink<number>(), "sink");
    const job = new Job(pipeline.graph, { codec: v8Codec, keyGroups: KEY_GROUPS, nowMs: 0 });
    const times = Array.from({ length: 50 }, (_, at) => at * 7);
    job.sources.get("times")?.push({ records: times, position: undefined });
    const layer = job.checkpoint(1).operators.get("sessions") as OperatorLayer;
    const { rows, timers } = make(["panes"]);
    restoreKeyed(rows, timers, [layer], v8Codec);
    expect([rows.size, timers.size]).toEqual([1, 1]);
  });
});

describe("a checkpoint that does not fit", () => {
  it("is refused, and the operator named", () => {
    const build = (name: string): Job => {
      const pipeline = createPipeline();
      pipeline
        .from(fromArray([1]))
        .named("numbers")
        .keyBy(String)
        .reduce(Math.max)
        .named(name)
        .to(new MemorySink(), "sink");
      return new Job(pipeline.graph, { codec: v8Codec, keyGroups: KEY_GROUPS, nowMs: 0, restored });
    };
    const restored: ReturnType<Job["checkpoint"]>[] = [];
    restored.push(build("totals").checkpoint(1));
    expect(() => build("sums")).toThrow("the checkpoint has an operator totals");
    expect(() => build("totals")).not.toThrow();
  });

  it("two operators of one name are refused", async () => {
    const pipeline = createPipeline();
    const stream = pipeline.from(fromArray([1])).named("one");
    expect(() => stream.map(String).named("one")).toThrow("two operators are named one");
    await runForTest(pipeline);
  });
});

/** Written from Flink's Java: `MathUtils.murmurHash`. */
function flinkMurmur(hashCode: number): number {
  const rotate = (value: bigint, by: bigint): bigint =>
    BigInt.asUintN(32, (value << by) | (BigInt.asUintN(32, value) >> (32n - by)));
  const times = (value: bigint, by: bigint): bigint => BigInt.asUintN(32, value * by);
  let code = times(BigInt(hashCode), 0xcc9e2d51n);
  code = times(rotate(code, 15n), 0x1b873593n);
  code = BigInt.asUintN(32, rotate(code, 13n) * 5n + 0xe6546b64n) ^ 4n;
  code = times(code ^ (code >> 16n), 0x85ebca6bn);
  code = times(code ^ (code >> 13n), 0xc2b2ae35n);
  const signed = Number(BigInt.asIntN(32, code ^ (code >> 16n)));
  return signed >= 0 ? signed : signed === -(2 ** 31) ? 0 : -signed;
}
