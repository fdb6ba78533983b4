import type { ByteString } from "../byte-string.ts";

/**
 * Keys of the tables on disk, as byte strings: LMDB compares them byte by byte, and takes 1,978.
 *
 * - of changes: the revision (6 bytes) and the place within it (4 bytes), the highest byte first;
 * - of the past: the key, in an encoding of which none is the beginning of another, and the change's.
 */
const REVISION_BYTES = 6;
const SUB_BYTES = 4;
const CHANGE_KEY_BYTES = REVISION_BYTES + SUB_BYTES;

/** With all its zero bytes doubled, two bytes at its end, and a change's key, it is within LMDB's limit. */
export const MAX_KEY_BYTES = 980;

/** Ends a key: below every byte that can follow a beginning that two keys share. */
const END = "\0\0";
const ZEROS = /\0/g;
const ESCAPED_ZEROS = /\0\u00ff/g;

export function changeKey(revision: number, sub: number): ByteString {
  return digits(revision, REVISION_BYTES) + digits(sub, SUB_BYTES);
}

export function revisionOf(change: ByteString): number {
  return number(change.slice(0, REVISION_BYTES));
}

export function pastKey(key: ByteString, change: ByteString): ByteString {
  return escaped(key) + END + change;
}

/** Where the past of `key` begins. */
export function pastOf(key: ByteString): ByteString {
  return escaped(key) + END;
}

/** The key, and the key of the change. */
export function partsOf(past: ByteString): {
  readonly key: ByteString;
  readonly change: ByteString;
} {
  const end = past.length - CHANGE_KEY_BYTES;
  const key = past.slice(0, end - END.length).replace(ESCAPED_ZEROS, "\0");
  return { key, change: past.slice(end) };
}

export function escaped(key: ByteString): ByteString {
  return key.includes("\0") ? key.replace(ZEROS, "\0\u00ff") : key;
}

function digits(value: number, count: number): ByteString {
  let text = "";
  let rest = value;
  for (let at = 0; at < count; at++) {
    text = String.fromCharCode(rest % 256) + text;
    rest = Math.floor(rest / 256);
  }
  return text;
}

function number(text: ByteString): number {
  let value = 0;
  for (let at = 0; at < text.length; at++) value = value * 256 + text.charCodeAt(at);
  return value;
}
