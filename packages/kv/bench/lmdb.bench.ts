import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Bench, defineBench, measured } from "@quorate/bench";
import { ClassicLevel } from "classic-level";
import { ALL_KEYS, encodeCommand, KvStateMachine, put, range } from "../src/index.ts";
import { LmdbEngine } from "../src/lmdb/index.ts";
import { batches, keysOf, perSecond, VALUE_BYTES } from "./workload.ts";

/** By `--case "open a store of 10 M"` alone: filling it takes many minutes. */
const MANY = 10_000_000;
const RANGE_KEYS = 1_000;
const FILL_BATCH = 20_000;

const bench: Bench = defineBench(async (options) => {
  // Filling takes its time, also where none of these cases is asked for.
  if (options.case && !/LMDB|10 M/.test(options.case)) return [];
  const directory = mkdtempSync(join(tmpdir(), "bench-kv-lmdb-"));
  const isMany = options.case?.includes("10 M") ?? false;
  const count = options.quick ? 10_000 : 100_000;
  const path = join(directory, "store");
  const engine = LmdbEngine.open(path);
  const machine = new KvStateMachine({ quotaBytes: Number.MAX_SAFE_INTEGER }, { engine });
  const keys = keysOf(isMany ? 1 : count);
  const value = Buffer.alloc(VALUE_BYTES, "v");
  const total = isMany ? MANY : count;
  for (let at = 0; at < total; at += FILL_BATCH) {
    const entries = Array.from({ length: Math.min(FILL_BATCH, total - at) }, (_, each) => {
      const key = isMany ? `order/${(at + each).toString().padStart(9, "0")}` : keys[at + each]!;
      return { index: at + each + 1, command: encodeCommand(put(key, isMany ? "v" : value)) };
    });
    machine.apply(entries);
  }
  const level = new ClassicLevel<string, Buffer>(join(directory, "level"), {
    valueEncoding: "buffer",
  });
  await level.open();
  await level.batch(keys.map((key) => ({ type: "put", key, value })));
  const puts = batches(keys.map((key) => encodeCommand(put(key, value))));
  const ranges = Array.from({ length: 20 }, () =>
    encodeCommand(range(ALL_KEYS, { limit: RANGE_KEYS })),
  );
  const rows = [
    await measured(options, {
      case: `put of ${VALUE_BYTES} B over ${count} keys on LMDB, in batches of 100`,
      unit: "puts/s",
      ours: async () =>
        perSecond(keys.length, () => puts.forEach((batch) => void machine.apply(batch))),
    }),
    await measured(options, {
      case: `get among ${count} keys on LMDB`,
      unit: "gets/s",
      ours: async () => {
        const gets = keys.map((key) => encodeCommand(range(key)));
        return perSecond(gets.length, () => gets.forEach((get) => machine.query(get)));
      },
      peers: {
        "classic-level getSync, bare": async () =>
          perSecond(keys.length, () => keys.forEach((key) => void level.getSync(key))),
      },
    }),
    await measured(options, {
      case: `range of ${RANGE_KEYS} keys on LMDB, answered with ${VALUE_BYTES} B each`,
      unit: "keys/s",
      ours: async () =>
        perSecond(ranges.length * RANGE_KEYS, () => ranges.forEach((each) => machine.query(each))),
    }),
  ];
  await engine.close();
  rows.push(
    await measured(options, {
      case: `open a store of ${isMany ? "10 M" : count} keys on LMDB, and read one`,
      unit: "ms",
      ours: async () => {
        const startedAt = performance.now();
        const opened = LmdbEngine.open(path);
        new KvStateMachine({}, { engine: opened }).query(encodeCommand(range("order/0")));
        const tookMs = performance.now() - startedAt;
        await opened.close();
        return { value: tookMs };
      },
      goal: ({ ours }) => ({ goal: 5_000, met: ours <= 5_000 }),
    }),
  );
  await level.close();
  rmSync(directory, { recursive: true });
  return rows;
});

export default bench;
