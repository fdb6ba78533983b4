import type { ByteSink } from "./byte-sink.ts";

/** How many bytes a whole number from 1 to 2^53 - 1 takes. */
export function sizeOf(value: number): number {
  let size = 1;
  for (let limit = 0x100; value >= limit; limit *= 0x100) size++;
  return size;
}

/** Appends a whole number, the highest byte first. */
export function writeMagnitude(value: number, size: number, into: ByteSink): void {
  into.reserve(size);
  let rest = value;
  for (let at = into.length + size - 1; at >= into.length; at--) {
    into.bytes[at] = rest % 0x100;
    rest = Math.floor(rest / 0x100);
  }
  into.length += size;
}

export function readMagnitude(bytes: Uint8Array, start: number, size: number): number {
  let value = 0;
  for (let at = start; at < start + size; at++) value = value * 0x100 + bytes[at]!;
  return value;
}
