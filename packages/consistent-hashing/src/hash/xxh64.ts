import { bytesOfKey, type Key, keyBytes } from "../key.ts";

// 64-bit numbers are pairs of 32-bit halves: bigint arithmetic allocates at each step. A function that results in one returns the low half and leaves the high half in `high64`.
const P1_HIGH = 0x9e3779b1;
const P1_LOW = 0x85ebca87;
const P2_HIGH = 0xc2b2ae3d;
const P2_LOW = 0x27d4eb4f;
const P3_HIGH = 0x165667b1;
const P3_LOW = 0x9e3779f9;
const P4_HIGH = 0x85ebca77;
const P4_LOW = 0xc2b2ae63;
const P5_HIGH = 0x27d4eb2f;
const P5_LOW = 0x165667c5;
const STRIPE_BYTES = 32;

/** The high half of the last result of `xxh64Low`, signed. */
export let high64 = 0;

/**
 * XXH64 (Y. Collet): 0 to 2^64-1. `seed` is taken modulo 2^64.
 *
 * @throws {ConsistentHashingError} `invalid-key`
 */
export function xxh64(key: Key, seed = 0n): bigint {
  const low = xxh64Low(key, Number(BigInt.asUintN(32, seed)), Number((seed >> 32n) & 0xffffffffn));
  return (BigInt(high64 >>> 0) << 32n) | BigInt(low >>> 0);
}

/** The low half of XXH64, signed; the high half is then in `high64`. Allocates nothing. */
export function xxh64Low(key: Key, seedLow = 0, seedHigh = 0): number {
  const length = keyBytes(key);
  const bytes = bytesOfKey;
  const striped = length - (length % STRIPE_BYTES);
  let low: number;
  if (striped === 0) {
    low = add(seedLow, seedHigh, P5_LOW, P5_HIGH);
  } else {
    low = stripes(bytes, striped, seedLow, seedHigh);
  }
  low = add(low, high64, length | 0, (length / 2 ** 32) | 0);
  let at = striped;
  for (; at + 8 <= length; at += 8) low = mixEight(low, word(bytes, at), word(bytes, at + 4));
  if (at + 4 <= length) {
    low = mixFour(low, word(bytes, at));
    at += 4;
  }
  for (; at < length; at++) low = mixOne(low, bytes[at] as number);
  return avalanche(low);
}

function add(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const low = (aLow >>> 0) + (bLow >>> 0);
  high64 = (aHigh + bHigh + (low > 0xffffffff ? 1 : 0)) | 0;
  return low | 0;
}

function multiply(aLow: number, aHigh: number, bLow: number, bHigh: number): number {
  const a0 = aLow & 0xffff;
  const a1 = aLow >>> 16;
  const b0 = bLow & 0xffff;
  const b1 = bLow >>> 16;
  const p01 = Math.imul(a0, b1);
  const p10 = Math.imul(a1, b0);
  const middle = (Math.imul(a0, b0) >>> 16) + (p01 & 0xffff) + (p10 & 0xffff);
  high64 =
    (Math.imul(a1, b1) +
      (p01 >>> 16) +
      (p10 >>> 16) +
      (middle >>> 16) +
      Math.imul(aLow, bHigh) +
      Math.imul(aHigh, bLow)) |
    0;
  return Math.imul(aLow, bLow);
}

/** For `bits` from 1 to 31. */
function rotate(low: number, high: number, bits: number): number {
  high64 = (high << bits) | (low >>> (32 - bits));
  return (low << bits) | (high >>> (32 - bits));
}

function round(laneLow: number, laneHigh: number, inLow: number, inHigh: number): number {
  const product = multiply(inLow, inHigh, P2_LOW, P2_HIGH);
  const sum = add(laneLow, laneHigh, product, high64);
  const rotated = rotate(sum, high64, 31);
  return multiply(rotated, high64, P1_LOW, P1_HIGH);
}

function mixEight(low: number, inLow: number, inHigh: number): number {
  const high = high64;
  const mixed = low ^ round(0, 0, inLow, inHigh);
  const rotated = rotate(mixed, high ^ high64, 27);
  const product = multiply(rotated, high64, P1_LOW, P1_HIGH);
  return add(product, high64, P4_LOW, P4_HIGH);
}

function mixFour(low: number, input: number): number {
  const high = high64;
  const mixed = low ^ multiply(input, 0, P1_LOW, P1_HIGH);
  const rotated = rotate(mixed, high ^ high64, 23);
  const product = multiply(rotated, high64, P2_LOW, P2_HIGH);
  return add(product, high64, P3_LOW, P3_HIGH);
}

function mixOne(low: number, input: number): number {
  const high = high64;
  const mixed = low ^ multiply(input, 0, P5_LOW, P5_HIGH);
  const rotated = rotate(mixed, high ^ high64, 11);
  return multiply(rotated, high64, P1_LOW, P1_HIGH);
}

function avalanche(start: number): number {
  let low = start ^ (high64 >>> 1);
  low = multiply(low, high64, P2_LOW, P2_HIGH);
  low ^= (low >>> 29) | (high64 << 3);
  low = multiply(low, high64 ^ (high64 >>> 29), P3_LOW, P3_HIGH);
  return low ^ high64;
}

const lanes = new Int32Array(8);

function stripes(bytes: Uint8Array, end: number, seedLow: number, seedHigh: number): number {
  lanes[4] = seedLow;
  lanes[5] = seedHigh;
  lanes[2] = add(seedLow, seedHigh, P2_LOW, P2_HIGH);
  lanes[3] = high64;
  lanes[0] = add(lanes[2], lanes[3], P1_LOW, P1_HIGH);
  lanes[1] = high64;
  // Minus P1: its two's complement.
  lanes[6] = add(seedLow, seedHigh, -P1_LOW | 0, ~P1_HIGH);
  lanes[7] = high64;
  for (let at = 0; at < end; at += STRIPE_BYTES) {
    for (let lane = 0; lane < 8; lane += 2) {
      const from = at + lane * 4;
      const low = lanes[lane] as number;
      const high = lanes[lane + 1] as number;
      lanes[lane] = round(low, high, word(bytes, from), word(bytes, from + 4));
      lanes[lane + 1] = high64;
    }
  }
  return mergeLanes();
}

const ROTATIONS = [1, 7, 12, 18] as const;

function mergeLanes(): number {
  let low = 0;
  let high = 0;
  for (let lane = 0; lane < 4; lane++) {
    const rotated = rotate(
      lanes[2 * lane] as number,
      lanes[2 * lane + 1] as number,
      ROTATIONS[lane] as number,
    );
    low = add(low, high, rotated, high64);
    high = high64;
  }
  for (let lane = 0; lane < 4; lane++) {
    const mixed = low ^ round(0, 0, lanes[2 * lane] as number, lanes[2 * lane + 1] as number);
    const product = multiply(mixed, high ^ high64, P1_LOW, P1_HIGH);
    low = add(product, high64, P4_LOW, P4_HIGH);
    high = high64;
  }
  return low;
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}
