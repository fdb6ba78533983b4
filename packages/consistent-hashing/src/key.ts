import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { encodeUtf8, scratchBytes } from "./hash/utf8.ts";

/**
 * What can be hashed.
 *
 * - A string is its UTF-8 bytes: `"é"` and `Uint8Array.of(0xc3, 0xa9)` are one key. A lone
 *   surrogate is U+FFFD, as `TextEncoder` has it, so strings that differ only there are one
 *   key, too.
 * - A safe integer or a bigint from -2^63 to 2^64-1 is its eight bytes, little-endian, in two's
 *   complement: `5` and `5n` are one key, `"5"` is another. (Guava's `hashLong` does the same.)
 *
 * There is no limit on the length; hashing takes time in proportion to it.
 */
export type Key = string | Uint8Array | number | bigint;

/** The bytes of the last key given to `keyBytes`: good until the next call. */
export let bytesOfKey: Uint8Array = new Uint8Array();

/**
 * Sets `bytesOfKey` to the bytes of `key`, of which those returned count. Allocates nothing for
 * strings up to the size of the scratch buffer.
 *
 * @throws {ConsistentHashingError} `invalid-key`
 */
export function keyBytes(key: Key): number {
  if (typeof key === "string") {
    const length = encodeUtf8(key);
    bytesOfKey = scratchBytes;
    return length;
  }
  if (key instanceof Uint8Array) {
    bytesOfKey = key;
    return key.length;
  }
  return integerBytes(key);
}

const INTEGER_BYTES = 8;
const integer = new DataView(new ArrayBuffer(INTEGER_BYTES));
const integerAsBytes = new Uint8Array(integer.buffer);

function integerBytes(key: unknown): number {
  if (typeof key === "number" && Number.isSafeInteger(key)) {
    integer.setUint32(0, key >>> 0, true);
    integer.setUint32(4, Math.floor(key / 2 ** 32) >>> 0, true);
  } else if (typeof key === "bigint" && key >= -(2n ** 63n) && key < 2n ** 64n) {
    integer.setBigUint64(0, BigInt.asUintN(64, key), true);
  } else {
    throw invalidKey(key);
  }
  bytesOfKey = integerAsBytes;
  return INTEGER_BYTES;
}

function invalidKey(key: unknown): ConsistentHashingError {
  const what = typeof key === "number" || typeof key === "bigint" ? String(key) : typeof key;
  return new ConsistentHashingError(
    "invalid-key",
    `a key must be a string, a Uint8Array, a safe integer or a 64-bit bigint, not ${what}`,
  );
}
