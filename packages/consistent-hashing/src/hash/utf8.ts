/** Bytes that stay allocated between calls: keys of up to a third of it in code units. */
const KEPT_BYTES = 65_536;
const MOST_BYTES_A_UNIT = 3;
const REPLACEMENT = 0xfffd;

const kept = new Uint8Array(KEPT_BYTES);

/** The bytes of the last text given to `encodeUtf8`: good until the next call. */
export let scratchBytes: Uint8Array = kept;

/**
 * Writes `text` as UTF-8 to `scratchBytes` and returns the length. A lone surrogate becomes U+FFFD,
 * as by `TextEncoder`. Own code, because this is the part of a lookup that must not allocate, and
 * `TextEncoder` is not a part of the language.
 */
export function encodeUtf8(text: string): number {
  const most = text.length * MOST_BYTES_A_UNIT;
  // A buffer for a huge key is not kept: one such key must not hold its memory for ever.
  const bytes = most <= KEPT_BYTES ? kept : new Uint8Array(most);
  scratchBytes = bytes;
  const units = text.length;
  for (let at = 0; at < units; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= 0x80) return encodeFrom(text, at, bytes);
    bytes[at] = unit;
  }
  return units;
}

/** The rest of `text` from its first character beyond ASCII on. */
function encodeFrom(text: string, from: number, bytes: Uint8Array): number {
  let length = from;
  for (let at = from; at < text.length; at++) {
    let point = text.charCodeAt(at);
    if (point >= 0xd800 && point < 0xe000) {
      point = text.codePointAt(at) ?? REPLACEMENT;
      if (point >= 0x10000) at++;
      else point = REPLACEMENT;
    }
    if (point < 0x80) {
      bytes[length++] = point;
      continue;
    }
    if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >>> 6);
    } else {
      if (point < 0x10000) {
        bytes[length++] = 0xe0 | (point >>> 12);
      } else {
        bytes[length++] = 0xf0 | (point >>> 18);
        bytes[length++] = 0x80 | ((point >>> 12) & 0x3f);
      }
      bytes[length++] = 0x80 | ((point >>> 6) & 0x3f);
    }
    bytes[length++] = 0x80 | (point & 0x3f);
  }
  return length;
}
