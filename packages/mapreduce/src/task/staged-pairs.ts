import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec, OrderedCodec } from "../codec/codec.ts";
import type { Emitter } from "../job/emitter.ts";
import { type PairOutput, pairTooLarge } from "./pair-output.ts";

/**
 * Holds the pairs of one record back until its map has returned, so that a record that is set aside
 * leaves nothing behind.
 */
export class StagedPairs<K, V> implements Emitter<K, V> {
  readonly #key: OrderedCodec<K>;
  readonly #value: Codec<V>;
  readonly #output: PairOutput<K, V>;
  readonly #mostBytes: number;
  readonly #sink = new ByteSink();
  /** Where each pair's key and value end. */
  readonly #ends: number[] = [];

  constructor(
    { key, value }: { readonly key: OrderedCodec<K>; readonly value: Codec<V> },
    output: PairOutput<K, V>,
    mostBytes: number,
  ) {
    this.#key = key;
    this.#value = value;
    this.#output = output;
    this.#mostBytes = mostBytes;
  }

  emit(key: K, value: V): void {
    this.#key.write(key, this.#sink);
    this.#stage(value);
  }

  emitBytes(bytes: Uint8Array, start: number, end: number, value: V): void {
    this.#sink.append(bytes, start, end);
    this.#stage(value);
  }

  keep(): void {
    const { bytes } = this.#sink;
    let start = 0;
    for (let index = 0; index < this.#ends.length; index += 2) {
      const end = this.#ends[index + 1]!;
      this.#output.emitEncoded(bytes, start, this.#ends[index]!, end);
      start = end;
    }
    this.drop();
  }

  drop(): void {
    this.#sink.length = 0;
    this.#ends.length = 0;
  }

  #stage(value: V): void {
    const keyEnd = this.#sink.length;
    this.#value.write(value, this.#sink);
    if (this.#sink.length > this.#mostBytes) {
      throw pairTooLarge(this.#sink.length, this.#mostBytes);
    }
    this.#ends.push(keyEnd, this.#sink.length);
  }
}
