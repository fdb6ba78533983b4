import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { type Bench, defineBench, measured, type Sample } from "@quorate/bench";
import { openWal } from "../src/index.ts";
import { bareAsync, bareSync, FRAME_BYTES, latencies, sequentialRate } from "./bare.ts";
import { inFolder } from "./temporary.ts";

const WRITERS = 1_000;
const RECORD = new Uint8Array(1_024).fill(7);
const APPENDING = "writeSync+fdatasyncSync, appending";
const PREALLOCATED = "writeSync+fdatasyncSync, preallocated";

function oneWriter(count: number): Promise<Sample> {
  return inFolder(async (folder) => {
    const wal = await openWal({ directory: folder });
    const sample = await latencies(count, () => wal.append([RECORD]));
    await wal.close();
    return sample;
  });
}

function manyWriters(count: number): Promise<Sample> {
  return inFolder(async (folder) => {
    const wal = await openWal({ directory: folder });
    let left = count;
    const startedAt = performance.now();
    const writers = Array.from({ length: WRITERS }, async () => {
      while (left-- > 0) await wal.append([RECORD]);
    });
    await Promise.all(writers);
    const seconds = (performance.now() - startedAt) / 1_000;
    await wal.close();
    return { value: (count * RECORD.length) / 1e6 / seconds };
  });
}

const bench: Bench = defineBench(async (options) => {
  const appends = options.quick ? 300 : 3_000;
  const many = options.quick ? 50_000 : 500_000;
  const bare = (preallocated: boolean) => () =>
    inFolder((folder) => bareSync(join(folder, "bare"), RECORD, appends, { preallocated }));
  return [
    await measured(options, {
      case: "durable append of 1 KiB, one writer, p50",
      unit: "ms",
      ours: () => oneWriter(appends),
      peers: {
        [APPENDING]: bare(false),
        [PREALLOCATED]: bare(true),
        "fs/promises write+datasync, appending": () =>
          inFolder((folder) => bareAsync(join(folder, "bare"), RECORD, appends)),
      },
      goal: ({ ours, peers }) => {
        const goal = 1.5 * peers[APPENDING];
        return { goal, met: ours <= goal };
      },
    }),
    await measured(options, {
      case: "durable appends of 1 KiB, 1,000 at once",
      unit: "MB/s",
      ours: () => manyWriters(many),
      limit: () =>
        inFolder((folder) =>
          sequentialRate(join(folder, "bare"), many * (RECORD.length + FRAME_BYTES)),
        ),
      goal: ({ ours, limit }) => {
        const goal = Math.min(250, 0.7 * limit);
        return { goal, met: ours >= goal };
      },
    }),
  ];
});
export default bench;
