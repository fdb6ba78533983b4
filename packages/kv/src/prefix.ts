import { type BytesLike, toBytes } from "./byte-string.ts";

/** A first key and an end, as `range`, `delete` and compares take them. */
export interface KeyRange {
  readonly key: BytesLike;
  readonly rangeEnd: BytesLike;
}

/** Every key there is. */
export const ALL_KEYS: KeyRange = { key: "\0", rangeEnd: "\0" };

/**
 * Every key that begins with `prefix`: from it to the first key after all that begin with it. That
 * is the prefix with its last byte below 0xFF raised by one, and cut off there; without such a byte
 * there is no end. An empty prefix is `ALL_KEYS`.
 */
export function withPrefix(prefix: BytesLike): KeyRange {
  const key = toBytes(prefix);
  if (key.length === 0) return ALL_KEYS;
  for (let at = key.length - 1; at >= 0; at--) {
    const byte = key[at] as number;
    if (byte === 0xff) continue;
    const rangeEnd = Uint8Array.from(key.subarray(0, at + 1));
    rangeEnd[at] = byte + 1;
    return { key, rangeEnd };
  }
  return { key, rangeEnd: ALL_KEYS.rangeEnd };
}
