import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec } from "../codec/codec.ts";
import { copy } from "../codec/copy.ts";
import { padded } from "../sort/arena.ts";
import { type KeyTable, VALUE_OFFSET } from "./key-table.ts";

/** What a combine table keeps for its entries. */
export interface TableValues<V> {
  /** What the value takes besides its entry. */
  roomFor(value: V): number;
  /** Gives a new entry the value that `roomFor` was asked about, and which there is room for. */
  set(ref: number, value: V): void;
  /** False, and nothing is done, when there is no room for what comes out. */
  combine(ref: number, value: V): boolean;
  /** Good until the next call. */
  encoded(ref: number): EncodedValue;
}

export interface EncodedValue {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export type Combine<V> = (left: V, right: V) => V;

/** Numbers stand in the entries as they are, anything else as its codec writes it. */
export function tableValues<V>(
  codec: Codec<V>,
  combine: Combine<V>,
  keys: KeyTable,
): TableValues<V> {
  if (!codec.isNumeric) return new EncodedValues(keys, codec, combine);
  const numbers: TableValues<number> = new NumberValues(
    keys,
    codec as Codec<unknown> as Codec<number>,
    combine as Combine<unknown> as Combine<number>,
  );
  return numbers as TableValues<unknown> as TableValues<V>;
}

class NumberValues implements TableValues<number> {
  readonly #floats: Float64Array;
  readonly #codec: Codec<number>;
  readonly #combine: Combine<number>;
  readonly #sink = new ByteSink();

  constructor(keys: KeyTable, codec: Codec<number>, combine: Combine<number>) {
    this.#floats = keys.floats;
    this.#codec = codec;
    this.#combine = combine;
  }

  roomFor(): number {
    return 0;
  }

  set(ref: number, value: number): void {
    this.#floats[ref + 1] = value;
  }

  combine(ref: number, value: number): boolean {
    this.#floats[ref + 1] = this.#combine(this.#floats[ref + 1]!, value);
    return true;
  }

  encoded(ref: number): EncodedValue {
    const sink = this.#sink;
    sink.length = 0;
    this.#codec.write(this.#floats[ref + 1]!, sink);
    return { bytes: sink.bytes, start: 0, end: sink.length };
  }
}

/**
 * Encoded, so that their size is known and the table stays within its memory. A value that is
 * combined is written over where it still fits (sums, averages and sketches always do), else at the
 * arena's end, which then fills a little sooner.
 */
class EncodedValues<V> implements TableValues<V> {
  readonly #keys: KeyTable;
  readonly #codec: Codec<V>;
  readonly #combine: Combine<V>;
  readonly #sink = new ByteSink();

  constructor(keys: KeyTable, codec: Codec<V>, combine: Combine<V>) {
    this.#keys = keys;
    this.#codec = codec;
    this.#combine = combine;
  }

  roomFor(value: V): number {
    this.#encode(value);
    return this.#sink.length;
  }

  set(ref: number): void {
    this.#put(ref, this.#keys.allocate(this.#sink.length));
  }

  combine(ref: number, value: V): boolean {
    const { bytes, start, end } = this.encoded(ref);
    this.#encode(this.#combine(this.#codec.read(bytes, start, end), value));
    const hasRoom = this.#sink.length <= padded(end - start);
    const at = hasRoom ? start : this.#keys.allocate(this.#sink.length);
    if (at === 0) return false;
    this.#put(ref, at);
    return true;
  }

  encoded(ref: number): EncodedValue {
    const { bytes, words } = this.#keys;
    const word = 2 * ref + VALUE_OFFSET / 4;
    const start = words[word]!;
    return { bytes, start, end: start + words[word + 1]! };
  }

  #encode(value: V): void {
    this.#sink.length = 0;
    this.#codec.write(value, this.#sink);
  }

  #put(ref: number, at: number): void {
    const { bytes, words } = this.#keys;
    const word = 2 * ref + VALUE_OFFSET / 4;
    words[word] = at;
    words[word + 1] = this.#sink.length;
    copy(this.#sink.bytes, 0, this.#sink.length, bytes, at);
  }
}
