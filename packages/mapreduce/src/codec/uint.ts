import { MapReduceError } from "../mapreduce-error.ts";
import type { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";
import { readMagnitude, sizeOf, writeMagnitude } from "./magnitude.ts";

/** Below this a number is its own single byte; from it on a byte says how many follow. */
const ONE_BYTE = 0xf8;

/** Whole numbers from 0 to `Number.MAX_SAFE_INTEGER`, in 1 to 8 bytes: one byte below 248. */
export const uint: OrderedCodec<number> = {
  name: "uint",
  isOrdered: true,
  isNumeric: true,
  write(value: number, into: ByteSink): void {
    if (!(Number.isSafeInteger(value) && value >= 0)) {
      throw new MapReduceError("bad-record", `uint takes whole numbers from 0, not ${value}`);
    }
    into.reserve(8);
    if (value < ONE_BYTE) {
      into.bytes[into.length++] = value;
      return;
    }
    const size = sizeOf(value);
    into.bytes[into.length++] = ONE_BYTE - 1 + size;
    writeMagnitude(value, size, into);
  },
  read(bytes: Uint8Array, start: number): number {
    const first = bytes[start]!;
    return first < ONE_BYTE ? first : readMagnitude(bytes, start + 1, first - ONE_BYTE + 1);
  },
};
