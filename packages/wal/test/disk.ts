import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import { openWal, type Wal, type WalOptions } from "../src/index.ts";

export const SEGMENT_HEADER = 64;
export const BATCH_HEADER = 48;

/** Bytes that a record of `length` bytes takes on disk. */
export function stored(length: number): number {
  return 8 + Math.ceil(length / 8) * 8;
}

export function segment(number: number): string {
  return `${String(number).padStart(16, "0")}.wal`;
}

/** Opens the log in /log of `disk`. */
export function open(
  disk: MemoryFileSystem,
  { seed = 1, ...options }: Partial<WalOptions> & { readonly seed?: number } = {},
): Promise<Wal> {
  const random = seededRandom(seed);
  return openWal(
    { directory: "/log", segmentBytes: 1_024, ...options },
    { fileSystem: disk, random },
  );
}

/** A disk with a log whose batches hold these records; closed cleanly or killed. */
export async function diskWith(
  batches: readonly (readonly string[])[],
  { closed = true, ...options }: Parameters<typeof open>[1] & { readonly closed?: boolean } = {},
): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  const wal = await open(disk, options);
  for (const batch of batches) await wal.append(batch.map((record) => Buffer.from(record)));
  if (closed) await wal.close();
  else disk.kill();
  return disk;
}

export async function recordsOf(wal: Wal): Promise<string[]> {
  const records: string[] = [];
  for await (const { record } of wal.read(wal.firstIndex)) {
    records.push(Buffer.from(record).toString());
  }
  return records;
}

/** The bytes of a file as they are on disk. */
export function bytesOf(disk: MemoryFileSystem, path: string): Uint8Array {
  const file = disk.file(path);
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  return bytes;
}

/** All files of a disk, to show that nothing was changed. */
export async function contentOf(disk: MemoryFileSystem): Promise<Map<string, string>> {
  const names = await disk.list("/log");
  return new Map(
    names.map((name) => [name, Buffer.from(bytesOf(disk, `/log/${name}`)).toString("base64")]),
  );
}
