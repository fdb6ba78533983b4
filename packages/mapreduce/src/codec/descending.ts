import { ByteSink } from "./byte-sink.ts";
import type { OrderedCodec } from "./codec.ts";
import { escapeFrom } from "./escape.ts";
import { readEscaped } from "./tuple.ts";

/** The same values in the opposite order: the largest first. */
export function descending<T>(codec: OrderedCodec<T>): OrderedCodec<T> {
  const { fixedBytes } = codec;
  const flipped = new ByteSink();
  const scratch = new ByteSink();
  return {
    name: `descending(${codec.name})`,
    isOrdered: true,
    ...(fixedBytes !== undefined && { fixedBytes }),
    ...(codec.isNumeric && { isNumeric: true }),
    write(value: T, into: ByteSink): void {
      const start = into.length;
      codec.write(value, into);
      // Without an end mark "a" would stand before "ab" in both orders.
      if (fixedBytes === undefined) escapeFrom(start, into);
      for (let at = start; at < into.length; at++) into.bytes[at] = ~into.bytes[at]!;
    },
    read(bytes: Uint8Array, start: number, end: number): T {
      flipped.length = 0;
      flipped.reserve(end - start);
      for (let at = start; at < end; at++) flipped.bytes[flipped.length++] = ~bytes[at]!;
      return fixedBytes === undefined
        ? readEscaped(codec, flipped.bytes, 0, flipped.length, scratch)
        : codec.read(flipped.bytes, 0, flipped.length);
    },
  };
}
