import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec } from "../codec/codec.ts";
import { copy } from "../codec/copy.ts";
import { padded } from "../sort/arena.ts";
import { type KeyTable, VALUE_OFFSET } from "./key-table.ts";
import { STAGED_KEYS } from "./staged-keys.ts";

/** What a combine table keeps for its entries, and for pairs that are staged. */
export interface TableValues<V> {
  /** Pairs that may be staged, from 1. */
  readonly mostStaged: number;
  /** Notes the value of a staged pair. @throws what its codec does. */
  stage(index: number, value: V): void;
  /** What the value of a staged pair takes besides its entry. */
  room(index: number): number;
  /** Gives a new entry the value of a staged pair, for which there is room. */
  set(ref: number, index: number): void;
  /** False, and nothing is done, when there is no room for what comes out. */
  combine(ref: number, index: number): boolean;
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
  return numbers as TableValues<unknown>;
}

class NumberValues implements TableValues<number> {
  readonly mostStaged: number = STAGED_KEYS;
  readonly #floats: Float64Array;
  readonly #staged: Float64Array = new Float64Array(STAGED_KEYS);
  readonly #codec: Codec<number>;
  readonly #combine: Combine<number>;
  readonly #sink = new ByteSink();

  constructor(keys: KeyTable, codec: Codec<number>, combine: Combine<number>) {
    this.#floats = keys.floats;
    this.#codec = codec;
    this.#combine = combine;
  }

  stage(index: number, value: number): void {
    this.#staged[index] = value;
  }

  room(): number {
    return 0;
  }

  set(ref: number, index: number): void {
    this.#floats[ref + 1] = this.#staged[index]!;
  }

  combine(ref: number, index: number): boolean {
    this.#floats[ref + 1] = this.#combine(this.#floats[ref + 1]!, this.#staged[index]!);
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
  /** What was emitted may change afterwards, so it is encoded at once. */
  readonly mostStaged = 1;
  readonly #keys: KeyTable;
  readonly #codec: Codec<V>;
  readonly #combine: Combine<V>;
  readonly #staged = new ByteSink();
  readonly #sink = new ByteSink();

  constructor(keys: KeyTable, codec: Codec<V>, combine: Combine<V>) {
    this.#keys = keys;
    this.#codec = codec;
    this.#combine = combine;
  }

  stage(_index: number, value: V): void {
    this.#encode(value, this.#staged);
  }

  room(): number {
    return this.#staged.length;
  }

  set(ref: number): void {
    this.#put(ref, this.#keys.allocate(this.#staged.length), this.#staged);
  }

  combine(ref: number): boolean {
    const { bytes, start, end } = this.encoded(ref);
    const left = this.#codec.read(bytes, start, end);
    const staged = this.#staged;
    const combined = this.#combine(left, this.#codec.read(staged.bytes, 0, staged.length));
    this.#encode(combined, this.#sink);
    const hasRoom = this.#sink.length <= padded(end - start);
    const at = hasRoom ? start : this.#keys.allocate(this.#sink.length);
    if (at === 0) return false;
    this.#put(ref, at, this.#sink);
    return true;
  }

  encoded(ref: number): EncodedValue {
    const { bytes, words } = this.#keys;
    const word = 2 * ref + VALUE_OFFSET / 4;
    const start = words[word]!;
    return { bytes, start, end: start + words[word + 1]! };
  }

  #encode(value: V, sink: ByteSink): void {
    sink.length = 0;
    this.#codec.write(value, sink);
  }

  #put(ref: number, at: number, from: ByteSink): void {
    const { bytes, words } = this.#keys;
    const word = 2 * ref + VALUE_OFFSET / 4;
    words[word] = at;
    words[word + 1] = from.length;
    copy(from.bytes, 0, from.length, bytes, at);
  }
}
