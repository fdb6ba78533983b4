import { performance } from "node:perf_hooks";
import { type Bench, defineBench, measured } from "@quorate/bench";
import { ALL_KEYS, encodeCommand, KvStateMachine, put, range } from "../src/index.ts";
import { BTree } from "../src/history/sorted-btree.ts";
import { batches, filled, keysOf, perSecond, VALUE_BYTES } from "./workload.ts";

const RANGE_KEYS = 1_000;

const bench: Bench = defineBench(async (options) => {
  const keys = keysOf(options.quick ? 20_000 : 100_000);
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const puts = batches(keys.map((key) => encodeCommand(put(key, value))));
  const gets = keys.map((key) => encodeCommand(range(key)));
  const ranges = gets
    .slice(0, 100)
    .map(() => encodeCommand(range(ALL_KEYS, { limit: RANGE_KEYS })));
  const machine = filled(keys);
  const sorted = new BTree<string, Buffer>(keys.map((key) => [key, value] as const) as never);
  const map = new Map(keys.map((key) => [key, value]));
  // As a server gets them: strings that were never looked up before.
  const fresh = (): string[] => keys.map((key) => Buffer.from(key).toString("latin1"));
  return [
    await measured(options, {
      case: `put of ${VALUE_BYTES} B over ${keys.length} keys, decoded, applied, answered`,
      unit: "puts/s",
      ours: async () =>
        perSecond(keys.length, () => puts.forEach((batch) => void machine.apply(batch))),
      peers: {
        "sorted-btree set, bare": async () => {
          const strings = fresh();
          return perSecond(keys.length, () => strings.forEach((key) => sorted.set(key, value)));
        },
        "Map set, bare": async () => {
          const strings = fresh();
          return perSecond(keys.length, () => strings.forEach((key) => map.set(key, value)));
        },
      },
    }),
    await measured(options, {
      case: `get among ${keys.length} keys, decoded and answered`,
      unit: "gets/s",
      ours: async () => perSecond(gets.length, () => gets.forEach((get) => machine.query(get))),
      peers: {
        "sorted-btree get, bare": async () => {
          const strings = fresh();
          return perSecond(keys.length, () => strings.forEach((key) => sorted.get(key)));
        },
        "Map get, bare": async () => {
          const strings = fresh();
          return perSecond(keys.length, () => strings.forEach((key) => map.get(key)));
        },
      },
    }),
    await measured(options, {
      case: `range of ${RANGE_KEYS} keys of ${keys.length}, answered with ${VALUE_BYTES} B each`,
      unit: "keys/s",
      ours: async () =>
        perSecond(ranges.length * RANGE_KEYS, () => ranges.forEach((each) => machine.query(each))),
      goal: ({ ours }) => ({ goal: 1e6, met: ours >= 1e6 }),
    }),
    await measured(options, {
      case: `snapshot of ${keys.length} keys`,
      unit: "MB/s",
      ours: async () => megabytesPerSecond(machine.snapshot()),
    }),
    await measured(options, {
      case: `restore of ${keys.length} keys`,
      unit: "MB/s",
      ours: async () => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of machine.snapshot()) chunks.push(chunk);
        const bytes = chunks.reduce((sum, { length }) => sum + length, 0);
        const startedAt = performance.now();
        await new KvStateMachine().restore(streamOf(chunks));
        return { value: bytes / 1_000 / (performance.now() - startedAt) };
      },
    }),
  ];
});

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function megabytesPerSecond(chunks: AsyncIterable<Uint8Array>): Promise<{ value: number }> {
  const startedAt = performance.now();
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return { value: bytes / 1_000 / (performance.now() - startedAt) };
}

export default bench;
