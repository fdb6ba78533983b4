import type { ByteSink } from "./byte-sink.ts";

/**
 * Bytes that end where they say, with their order kept, so that others can follow: 0 is written as
 * 0 255, and the end as 0 1. What another begins with stands before it, since 0 1 is less than any
 * byte that could follow. (The encoding of FoundationDB's tuples and Bigtable's ordered keys.)
 */
const ZERO = 0xff;
const END = 0x01;
/** Bytes that the end takes. */
export const END_BYTES = 2;

/** Escapes what was written to the sink since `start`, and ends it. */
export function escapeFrom(start: number, sink: ByteSink): void {
  let zeros = 0;
  for (let at = start; at < sink.length; at++) if (sink.bytes[at] === 0) zeros++;
  sink.reserve(zeros + END_BYTES);
  const { bytes } = sink;
  let to = sink.length + zeros;
  sink.length = to + END_BYTES;
  bytes[to] = 0;
  bytes[to + 1] = END;
  for (let from = to - zeros - 1; to > from + 1; from--) {
    if (bytes[from] === 0) bytes[--to] = ZERO;
    bytes[--to] = bytes[from]!;
  }
}

/** Where what begins at `start` ends, after its end mark; `end` when it has none. */
export function endOfEscaped(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end - 1; at++) {
    if (bytes[at] !== 0) continue;
    if (bytes[at + 1] === END) return at + END_BYTES;
    at++;
  }
  return end;
}

/** Appends what stood there before it was escaped; `start` to `end` includes the end mark. */
export function unescape(bytes: Uint8Array, start: number, end: number, into: ByteSink): void {
  into.reserve(end - start);
  for (let at = start; at < end - END_BYTES; at++) {
    const byte = bytes[at]!;
    into.bytes[into.length++] = byte;
    if (byte === 0) at++;
  }
}

/** Whether it stands there just as it was before. */
export function isUnchanged(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end - END_BYTES; at++) if (bytes[at] === 0) return false;
  return true;
}
