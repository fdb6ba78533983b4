import { MapReduceError } from "../mapreduce-error.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";
import { readMagnitude, sizeOf, writeMagnitude } from "./magnitude.ts";

const ZERO = 0x80;
/** From -120 to 119 a number is one byte; others have a byte that tells sign and size before them. */
const LOWEST = -120;
const HIGHEST = 119;

/** Safe integers, in 1 to 8 bytes. -0 is written as 0. */
export const int: OrderedCodec<number> = {
  name: "int",
  isOrdered: true,
  isNumeric: true,
  write(value: number, into: ByteSink): void {
    if (!Number.isSafeInteger(value)) {
      throw new MapReduceError(
        "bad-record",
        `int takes whole numbers up to 2^53 - 1, not ${value}`,
      );
    }
    into.reserve(8);
    if (value >= LOWEST && value <= HIGHEST) {
      into.bytes[into.length++] = ZERO + value;
      return;
    }
    const size = sizeOf(Math.abs(value));
    into.bytes[into.length++] = value > 0 ? ZERO + HIGHEST + size : ZERO + LOWEST - size;
    const start = into.length;
    writeMagnitude(Math.abs(value), size, into);
    if (value > 0) return;
    for (let at = start; at < into.length; at++) into.bytes[at] = ~into.bytes[at]!;
  },
  read(bytes: Uint8Array, start: number): number {
    const tag = bytes[start]! - ZERO;
    if (tag >= LOWEST && tag <= HIGHEST) return tag;
    if (tag > 0) return readMagnitude(bytes, start + 1, tag - HIGHEST);
    let value = 0;
    for (let at = start + 1; at <= start + LOWEST - tag; at++) {
      value = value * 0x100 - (0xff - bytes[at]!);
    }
    return value;
  },
};
