import { isAscii, isUtf8 } from "node:buffer";

/**
 * What a stretch of bytes is. Told once for a batch of records: that costs a fraction of telling it
 * for each of them.
 */
export type TextEncoding = "ascii" | "utf8" | "unknown";

export function encodingOf(bytes: Uint8Array, start: number, end: number): TextEncoding {
  const stretch = bytes.subarray(start, end);
  if (isAscii(stretch)) return "ascii";
  return isUtf8(stretch) ? "utf8" : "unknown";
}

/**
 * Whether a part of what is UTF-8 up to before `limit` is UTF-8, too: it is, if neither it nor what
 * follows it begins within a character.
 */
export function isWhole(bytes: Uint8Array, start: number, end: number, limit: number): boolean {
  return (
    (start === end || !isWithinCharacter(bytes[start]!)) &&
    (end === limit || !isWithinCharacter(bytes[end]!))
  );
}

function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
