import { bytesOfKey, type Key, keyBytes } from "../key.ts";

const P1 = 0x9e3779b1;
const P2 = 0x85ebca77;
const P3 = 0xc2b2ae3d;
const P4 = 0x27d4eb2f;
const P5 = 0x165667b1;
const STRIPE_BYTES = 16;

/**
 * XXH32 (Y. Collet): 0 to 2^32-1. `seed` is taken modulo 2^32.
 *
 * @throws {ConsistentHashingError} `invalid-key`
 */
export function xxh32(key: Key, seed = 0): number {
  return xxh32Bits(key, seed) >>> 0;
}

/** The same bits as a signed number. */
export function xxh32Bits(key: Key, seed: number): number {
  const length = keyBytes(key);
  const bytes = bytesOfKey;
  const striped = length & ~(STRIPE_BYTES - 1);
  let h = striped === 0 ? (seed + P5) | 0 : stripes(bytes, striped, seed);
  h = (h + length) | 0;
  let at = striped;
  for (; at + 4 <= length; at += 4) {
    h = (h + Math.imul(word(bytes, at), P3)) | 0;
    h = Math.imul((h << 17) | (h >>> 15), P4);
  }
  for (; at < length; at++) {
    h = (h + Math.imul(bytes[at] as number, P5)) | 0;
    h = Math.imul((h << 11) | (h >>> 21), P1);
  }
  h = Math.imul(h ^ (h >>> 15), P2);
  h = Math.imul(h ^ (h >>> 13), P3);
  return h ^ (h >>> 16);
}

function stripes(bytes: Uint8Array, end: number, seed: number): number {
  let a = (seed + P1 + P2) | 0;
  let b = (seed + P2) | 0;
  let c = seed | 0;
  let d = (seed - P1) | 0;
  for (let at = 0; at < end; at += STRIPE_BYTES) {
    a = round(a, word(bytes, at));
    b = round(b, word(bytes, at + 4));
    c = round(c, word(bytes, at + 8));
    d = round(d, word(bytes, at + 12));
  }
  return (
    (((a << 1) | (a >>> 31)) +
      ((b << 7) | (b >>> 25)) +
      ((c << 12) | (c >>> 20)) +
      ((d << 18) | (d >>> 14))) |
    0
  );
}

function round(lane: number, input: number): number {
  const sum = (lane + Math.imul(input, P2)) | 0;
  return Math.imul((sum << 13) | (sum >>> 19), P1);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
