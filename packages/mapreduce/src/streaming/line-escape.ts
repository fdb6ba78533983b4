import type { ByteSink } from "../codec/byte-sink.ts";

/**
 * How bytes stand in a field of a line, which ends with a TAB or a newline: those up to 0x0e, TAB,
 * LF, CR and NUL among them, are written as 0x0e (which text does not have) and the byte plus 0x20; all
 * others as they are, so text without such characters is itself.
 *
 * Fields compare as what they stand for does, byte by byte, and also with the TAB after them: 0x0e is
 * more than a TAB and less than all that is not escaped. So lines can be sorted without being read.
 */
const ESCAPE = 0x0e;
const SHIFT = 0x20;

/** Appends the field for the bytes from `start` to before `end`. */
export function escapeField(bytes: Uint8Array, start: number, end: number, into: ByteSink): void {
  into.reserve(2 * (end - start));
  const { bytes: to } = into;
  let { length } = into;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > ESCAPE) {
      to[length++] = byte;
    } else {
      to[length++] = ESCAPE;
      to[length++] = byte + SHIFT;
    }
  }
  into.length = length;
}

/** Appends the bytes that the field from `start` to before `end` stands for. */
export function unescapeField(bytes: Uint8Array, start: number, end: number, into: ByteSink): void {
  into.reserve(end - start);
  const { bytes: to } = into;
  let { length } = into;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    // What an other program wrote may end with it, and is then taken as it stands.
    to[length++] = byte === ESCAPE && at + 1 < end ? bytes[++at]! - SHIFT : byte;
  }
  into.length = length;
}
