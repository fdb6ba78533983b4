/**
 * A run is a file with sorted pairs, a segment for each partition. A segment is a sequence of
 * blocks, and no pair stands in two of them:
 *
 *     u32 size (little endian), u32 stored size or 0 when it is stored as it is, block
 *     block: pairs; pair: varint key's length, varint value's length, key, value
 */
export const BLOCK_HEADER_BYTES = 8;

/** Bytes that a length takes as a varint (7 bits a byte, the lowest first). */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x200000) return 3;
  return value < 0x10000000 ? 4 : 5;
}

/** Returns where the next byte goes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let to = at;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes[to++] = (rest & 0x7f) | 0x80;
  bytes[to++] = rest;
  return to;
}

export function writeU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value;
  bytes[at + 1] = value >>> 8;
  bytes[at + 2] = value >>> 16;
  bytes[at + 3] = value >>> 24;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0
  );
}
