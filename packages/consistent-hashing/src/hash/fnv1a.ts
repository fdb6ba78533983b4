import { bytesOfKey, type Key, keyBytes } from "../key.ts";

const OFFSET_BASIS = 0x811c9dc5;
const PRIME = 0x01000193;

/**
 * FNV-1a, 32 bits (G. Fowler, L. C. Noll, K.-P. Vo): 0 to 2^32-1. A `seed` takes the place of the
 * offset basis. Its high bits mix badly: good for compatibility, not for placing keys.
 *
 * @throws {ConsistentHashingError} `invalid-key`
 */
export function fnv1a(key: Key, seed: number = OFFSET_BASIS): number {
  return fnv1aBits(key, seed) >>> 0;
}

/** The same bits as a signed number. */
export function fnv1aBits(key: Key, seed: number): number {
  const length = keyBytes(key);
  const bytes = bytesOfKey;
  let h = seed | 0;
  for (let at = 0; at < length; at++) h = Math.imul(h ^ (bytes[at] as number), PRIME);
  return h;
}
