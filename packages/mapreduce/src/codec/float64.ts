import type { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
const HIGH = LITTLE_ENDIAN ? 1 : 0;

/**
 * Any number, in 8 bytes: IEEE 754 with the sign bit flipped, and all bits of a negative one. `NaN`
 * stands after infinity; -0 is written as 0, so that equal numbers are one key.
 */
export const float64: OrderedCodec<number> = {
  name: "float64",
  isOrdered: true,
  isNumeric: true,
  fixedBytes: 8,
  write(value: number, into: ByteSink): void {
    float[0] = Number.isNaN(value) ? Number.NaN : value + 0;
    const high = words[HIGH]!;
    const low = words[1 - HIGH]!;
    const isNegative = high >>> 31 === 1 && !Number.isNaN(value);
    into.reserve(8);
    writeWord(into.bytes, into.length, isNegative ? ~high : high | 0x80000000);
    writeWord(into.bytes, into.length + 4, isNegative ? ~low : low);
    into.length += 8;
  },
  read(bytes: Uint8Array, start: number): number {
    const high = readWord(bytes, start);
    const low = readWord(bytes, start + 4);
    const isNegative = high >>> 31 === 0;
    words[HIGH] = isNegative ? ~high : high & 0x7fffffff;
    words[1 - HIGH] = isNegative ? ~low : low;
    return float[0]!;
  },
};

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word >>> 24;
  bytes[at + 1] = word >>> 16;
  bytes[at + 2] = word >>> 8;
  bytes[at + 3] = word;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}
