import type { OrderedCodec } from "../codec/codec.ts";

/**
 * Secondary sort: the order of the values of one key, by something of theirs. It is appended to the
 * key's bytes, so that the sort that there is anyway does it, in any amount of memory.
 */
export interface ValueOrder<V> {
  readonly by: (value: V) => unknown;
  readonly codec: OrderedCodec<unknown>;
}

/**
 * Gives reduce the values of a key by what `by` returns of them, in the codec's order; equal ones
 * in the order of the input.
 *
 * @example `sort: sortBy((visit) => visit.at, descending(float64))`
 */
export function sortBy<V, T>(by: (value: V) => T, codec: OrderedCodec<T>): ValueOrder<V> {
  return { by, codec };
}
