import { bytesOfKey, type Key, keyBytes } from "../key.ts";

const C1 = 0xcc9e2d51;
const C2 = 0x1b873593;
const N = 0xe6546b64;

/**
 * MurmurHash3_x86_32 (A. Appleby): 0 to 2^32-1. `seed` is taken modulo 2^32.
 *
 * @throws {ConsistentHashingError} `invalid-key`
 */
export function murmur3(key: Key, seed = 0): number {
  return murmur3Bits(key, seed) >>> 0;
}

/**
 * The same bits as a signed number, which V8 passes on without allocating: an unsigned one from
 * 2^31 on is an object unless the call is inlined.
 */
export function murmur3Bits(key: Key, seed: number): number {
  return typeof key === "string" ? ofText(key, seed) : ofEncoded(key, seed);
}

function ofEncoded(key: Key, seed: number): number {
  const length = keyBytes(key);
  return ofBytes(bytesOfKey, length, seed);
}

/** Reads ASCII straight from the string: twice as fast as encoding it first. */
function ofText(text: string, seed: number): number {
  const length = text.length;
  const whole = length & ~3;
  let h = seed | 0;
  let seen = 0;
  let at = 0;
  for (; at < whole; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    seen |= a | b | c | d;
    h = mixBlock(h, a | (b << 8) | (c << 16) | (d << 24));
  }
  let tail = 0;
  for (let shift = 0; at < length; at++, shift += 8) {
    const unit = text.charCodeAt(at);
    seen |= unit;
    tail |= unit << shift;
  }
  // Beyond ASCII a code unit is not a byte: what was computed is void.
  if (seen >= 0x80) return ofEncoded(text, seed);
  return finish(h, tail, length);
}

function ofBytes(bytes: Uint8Array, length: number, seed: number): number {
  const whole = length & ~3;
  let h = seed | 0;
  let at = 0;
  for (; at < whole; at += 4) h = mixBlock(h, word(bytes, at));
  let tail = 0;
  for (let shift = 0; at < length; at++, shift += 8) tail |= (bytes[at] as number) << shift;
  return finish(h, tail, length);
}

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function mixBlock(h: number, block: number): number {
  let k = Math.imul(block, C1);
  k = (k << 15) | (k >>> 17);
  const mixed = h ^ Math.imul(k, C2);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + N) | 0;
}

function finish(h: number, tail: number, length: number): number {
  let k = Math.imul(tail, C1);
  k = (k << 15) | (k >>> 17);
  return mix32(h ^ Math.imul(k, C2) ^ length);
}

/**
 * MurmurHash3's finaliser, signed: a bijection in which each bit of the input flips each bit of the
 * output half of the time.
 */
export function mix32(value: number): number {
  let h = value ^ (value >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
