import { crc32 as nodeRsCrc32, crc32c as nodeRsCrc32c } from "@node-rs/crc32";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { crc32 } from "node:zlib";
import { type Bench, defineBench, measured, type Sample } from "@quorate/bench";
import { systemFileSystem } from "@quorate/runtime";
import { openWal, type Wal } from "../src/index.ts";
import { inFolder } from "./temporary.ts";

const MIB = 2 ** 20;
const RECORD = new Uint8Array(1_024).fill(7);

/** Fills a log, and times what `work` does with it; MB of records a second. */
function withLog(
  bytes: number,
  work: (folder: string, opened: () => Promise<Wal>) => Promise<number>,
): Promise<Sample> {
  return inFolder(async (folder) => {
    const open = (): Promise<Wal> => openWal({ directory: folder });
    const wal = await open();
    const batch = Array.from({ length: 1_024 }, () => RECORD);
    for (let at = 0; at < bytes; at += MIB) await wal.append(batch);
    await wal.close();
    return { value: bytes / 1e6 / (await work(folder, open)) };
  });
}

async function secondsToOpen(open: () => Promise<Wal>): Promise<number> {
  const startedAt = performance.now();
  const wal = await open();
  const seconds = (performance.now() - startedAt) / 1_000;
  await wal.close();
  return seconds;
}

async function secondsToRead(open: () => Promise<Wal>): Promise<number> {
  const wal = await open();
  const startedAt = performance.now();
  let bytes = 0;
  for await (const { record } of wal.read(wal.firstIndex)) bytes += record.length;
  const seconds = (performance.now() - startedAt) / 1_000;
  await wal.close();
  if (bytes === 0) throw new Error("nothing was read");
  return seconds;
}

/** The same bytes, read and checksummed in pieces of 1 MiB, and nothing else. */
async function secondsToChecksum(folder: string): Promise<number> {
  const startedAt = performance.now();
  const piece = new Uint8Array(MIB);
  for (const name of await systemFileSystem.list(folder)) {
    const file = await systemFileSystem.open(join(folder, name));
    for (let at = 0, crc = 0; ; at += piece.length) {
      const count = await file.read(piece, at);
      crc = crc32(piece.subarray(0, count), crc);
      if (count < piece.length) break;
    }
    await file.close();
  }
  return (performance.now() - startedAt) / 1_000;
}

function checksumRate(length: number, checksum: (bytes: Uint8Array, start: number) => number) {
  return async (): Promise<Sample> => {
    const bytes = Buffer.alloc(length, 7);
    const rounds = Math.ceil((256 * MIB) / Math.max(length, 256));
    let crc = 0;
    const startedAt = performance.now();
    for (let round = 0; round < rounds; round++) crc = checksum(bytes, crc);
    const seconds = (performance.now() - startedAt) / 1_000;
    return { value: (rounds * length) / 1e6 / seconds };
  };
}

const bench: Bench = defineBench(async (options) => {
  const bytes = (options.quick ? 64 : 1_024) * MIB;
  const rows = [
    await measured(options, {
      case: "recovery: open and check records of 1 KiB",
      unit: "MB/s",
      ours: () => withLog(bytes, (_, open) => secondsToOpen(open)),
      limit: async () => (await withLog(bytes, (folder) => secondsToChecksum(folder))).value,
    }),
    await measured(options, {
      case: "read of all records of 1 KiB",
      unit: "MB/s",
      ours: () => withLog(bytes, (_, open) => secondsToRead(open)),
    }),
  ];
  for (const length of [64, 1_024, 65_536]) {
    rows.push(
      await measured(options, {
        case: `zlib.crc32 of ${length} bytes`,
        unit: "MB/s",
        ours: checksumRate(length, crc32),
        peers: {
          "@node-rs/crc32 crc32c": checksumRate(length, nodeRsCrc32c),
          "@node-rs/crc32 crc32": checksumRate(length, nodeRsCrc32),
        },
      }),
    );
  }
  return rows;
});
export default bench;
