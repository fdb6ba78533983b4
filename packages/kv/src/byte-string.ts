/**
 * Bytes as a string of characters U+0000 to U+00FF, one a byte: what `Buffer` calls latin1. `<` on
 * two of them is the order of their bytes, and V8 keeps one in a byte a character without a buffer
 * of its own (docs/decisions/0030).
 */
export type ByteString = string;

/** Keys and values as callers give them. A string stands for its UTF-8. */
export type BytesLike = string | Uint8Array;

/** The range end that means: every key from the first on. */
export const FROM_KEY: ByteString = "\0";

/** The bytes themselves; a `Uint8Array` is returned as it is. */
export function toBytes(bytes: BytesLike): Uint8Array {
  return typeof bytes === "string" ? Buffer.from(bytes, "utf8") : bytes;
}

/** The bytes as the store holds them. */
export function toByteString(bytes: BytesLike): ByteString {
  return asBuffer(toBytes(bytes)).toString("latin1");
}

/** Whether a range, named as in `Range`, has a key. */
export function isInRange(key: ByteString, first: ByteString, rangeEnd: ByteString): boolean {
  if (rangeEnd === "") return key === first;
  return key >= first && (rangeEnd === FROM_KEY || key < rangeEnd);
}

/** A `Buffer` over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads bytes as UTF-8, as strings given as keys and values were written. */
export function utf8(bytes: Uint8Array): string {
  return asBuffer(bytes).toString("utf8");
}
