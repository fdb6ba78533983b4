import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { performance } from "node:perf_hooks";
import { percentile, type Sample } from "@quorate/bench";

/** A record as it is on disk: the WAL's frame, so that the bytes written are the same. */
export const FRAME_BYTES = 56;
const MIB = 2 ** 20;

/** Latency of `count` calls, one after the other, in milliseconds. */
export async function latencies(count: number, call: (index: number) => unknown): Promise<Sample> {
  const samples: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAt = performance.now();
    await call(index);
    samples.push(performance.now() - startedAt);
  }
  const p50Ms = percentile(samples, 50);
  return { value: p50Ms, p50Ms, p99Ms: percentile(samples, 99) };
}

/** The least that a durable append can be: two system calls on the main thread, which stands still. */
export async function bareSync(
  path: string,
  record: Uint8Array,
  count: number,
  { preallocated }: { readonly preallocated: boolean },
): Promise<Sample> {
  const descriptor = openSync(path, "w");
  const size = record.length + FRAME_BYTES;
  const bytes = new Uint8Array(size).fill(1);
  if (preallocated) {
    writeSync(descriptor, new Uint8Array(size * count));
    fdatasyncSync(descriptor);
  }
  const sample = await latencies(count, (index) => {
    writeSync(descriptor, bytes, 0, size, index * size);
    fdatasyncSync(descriptor);
  });
  closeSync(descriptor);
  return sample;
}

/** The same by `fs/promises`, as a program would do it that must not stand still. */
export async function bareAsync(path: string, record: Uint8Array, count: number): Promise<Sample> {
  const file = await open(path, "w");
  const bytes = new Uint8Array(record.length + FRAME_BYTES).fill(1);
  const sample = await latencies(count, async () => {
    await file.write(bytes);
    await file.datasync();
  });
  await file.close();
  return sample;
}

/** The disk's sequential rate: new bytes of a new file, in writes of 1 MiB, one sync at the end. */
export async function sequentialRate(path: string, bytes: number): Promise<number> {
  const descriptor = openSync(path, "w");
  const piece = new Uint8Array(MIB).fill(1);
  const startedAt = performance.now();
  for (let at = 0; at < bytes; at += MIB) writeSync(descriptor, piece, 0, MIB, at);
  fdatasyncSync(descriptor);
  const seconds = (performance.now() - startedAt) / 1_000;
  closeSync(descriptor);
  return bytes / 1e6 / seconds;
}
