import type { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";

/**
 * Bytes as they are. `read` gives a view of the engine's buffer and no copy: it is good until the
 * function that was given it returns, or takes the next value.
 */
export const bytes: OrderedCodec<Uint8Array> = {
  name: "bytes",
  isOrdered: true,
  write(value: Uint8Array, into: ByteSink): void {
    into.append(value, 0, value.length);
  },
  read(from: Uint8Array, start: number, end: number): Uint8Array {
    return from.subarray(start, end);
  },
};
