import type { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";
import { utf8Text } from "./text.ts";

const encoder = new TextEncoder();

/** Up to here a loop is faster than a call into the encoder. */
const SHORT_CHARACTERS = 64;

/**
 * Strings, in the order of their code points (JavaScript's own `<` is by UTF-16 code units, which
 * differs above U+FFFF). A lone surrogate is written as U+FFFD, as the web platform does, so two
 * strings that differ in one only are the same key.
 */
export const utf8: OrderedCodec<string> = {
  name: "utf8",
  isOrdered: true,
  write(value: string, into: ByteSink): void {
    if (value.length <= SHORT_CHARACTERS) {
      into.reserve(3 * value.length);
      if (wroteAscii(value, into)) return;
    } else {
      into.reserve(Buffer.byteLength(value));
    }
    into.length += encoder.encodeInto(value, into.bytes.subarray(into.length)).written;
  },
  read: utf8Text,
};

/** False at the first character that is not ASCII; what was written so far does not count then. */
function wroteAscii(value: string, into: ByteSink): boolean {
  const { bytes, length } = into;
  const count = value.length;
  for (let index = 0; index < count; index++) {
    const code = value.charCodeAt(index);
    if (code > 0x7f) return false;
    bytes[length + index] = code;
  }
  into.length = length + count;
  return true;
}
