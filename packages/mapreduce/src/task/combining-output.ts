import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec, OrderedCodec } from "../codec/codec.ts";
import type { CombineTable } from "../table/combine-table.ts";
import { type PairOutput, pairTooLarge } from "./pair-output.ts";
import type { Spiller } from "./spiller.ts";

/** Pairs of a job with `combine`: one value a key, as long as memory lasts. */
export class CombiningOutput<K, V> implements PairOutput<K, V> {
  readonly #key: OrderedCodec<K>;
  readonly #value: Codec<V>;
  readonly #table: CombineTable<V>;
  readonly #spiller: Spiller;
  readonly #mostBytes: number;
  readonly #sink = new ByteSink();
  count = 0;

  constructor(
    { key, value }: { readonly key: OrderedCodec<K>; readonly value: Codec<V> },
    table: CombineTable<V>,
    spiller: Spiller,
    mostBytes: number,
  ) {
    this.#key = key;
    this.#value = value;
    this.#table = table;
    this.#spiller = spiller;
    this.#mostBytes = mostBytes;
  }

  emit(key: K, value: V): void {
    const sink = this.#sink;
    sink.length = 0;
    this.#key.write(key, sink);
    this.emitBytes(sink.bytes, 0, sink.length, value);
  }

  emitBytes(bytes: Uint8Array, start: number, end: number, value: V): void {
    if (end - start > this.#mostBytes) throw pairTooLarge(end - start, this.#mostBytes);
    this.count++;
    if (!this.#table.add(bytes, start, end, value)) this.#settle();
  }

  emitEncoded(bytes: Uint8Array, start: number, keyEnd: number, end: number): void {
    this.emitBytes(bytes, start, keyEnd, this.#value.read(bytes, keyEnd, end));
  }

  flush(): void {
    this.#settle();
    if (this.#table.count > 0) this.#spiller.spill(this.#table);
  }

  /** What goes wrong here is of pairs that other records may have emitted: it is the task's failure. */
  #settle(): void {
    try {
      while (!this.#table.settle()) {
        if (this.#table.count === 0) throw pairTooLarge(this.#mostBytes, this.#mostBytes);
        this.#spiller.spill(this.#table);
      }
    } catch (error) {
      this.#spiller.failure ??= { error };
      throw error;
    }
  }
}
