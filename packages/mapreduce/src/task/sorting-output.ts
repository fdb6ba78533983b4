import { ByteSink } from "../codec/byte-sink.ts";
import type { Codec, OrderedCodec } from "../codec/codec.ts";
import { escapeFrom } from "../codec/escape.ts";
import type { Partitioner } from "../job/partitioner.ts";
import type { ValueOrder } from "../job/sort-by.ts";
import type { SortBuffer } from "../sort/sort-buffer.ts";
import { type PairOutput, pairTooLarge } from "./pair-output.ts";
import type { Spiller } from "./spiller.ts";

export interface SortingOutputOptions<K, V> {
  readonly key: OrderedCodec<K>;
  readonly value: Codec<V>;
  readonly sort?: ValueOrder<V> | undefined;
  readonly partitioner: Partitioner;
  readonly mostBytes: number;
}

/** Pairs of a job without `combine`. */
export class SortingOutput<K, V> implements PairOutput<K, V> {
  readonly #options: SortingOutputOptions<K, V>;
  readonly #buffer: SortBuffer;
  readonly #spiller: Spiller;
  readonly #sink = new ByteSink();
  count = 0;

  constructor(options: SortingOutputOptions<K, V>, buffer: SortBuffer, spiller: Spiller) {
    this.#options = options;
    this.#buffer = buffer;
    this.#spiller = spiller;
  }

  emit(key: K, value: V): void {
    this.#sink.length = 0;
    this.#options.key.write(key, this.#sink);
    this.#emitWithKey(value);
  }

  emitBytes(bytes: Uint8Array, start: number, end: number, value: V): void {
    this.#sink.length = 0;
    this.#sink.append(bytes, start, end);
    this.#emitWithKey(value);
  }

  emitEncoded(bytes: Uint8Array, start: number, keyEnd: number, end: number): void {
    this.emitBytes(bytes, start, keyEnd, this.#options.value.read(bytes, keyEnd, end));
  }

  flush(): void {
    if (this.#buffer.count > 0) this.#spiller.spill(this.#buffer);
  }

  /** The key stands in the sink; what its values are sorted by, and the value, go behind it. */
  #emitWithKey(value: V): void {
    const sink = this.#sink;
    const { partitioner, sort, mostBytes } = this.#options;
    const partition = partitioner(sink.bytes, 0, sink.length);
    if (sort) {
      escapeFrom(0, sink);
      sort.codec.write(sort.by(value), sink);
    }
    const keyEnd = sink.length;
    this.#options.value.write(value, sink);
    const { bytes, length } = sink;
    if (length > mostBytes) throw pairTooLarge(length, mostBytes);
    this.count++;
    if (this.#buffer.add(partition, bytes, 0, keyEnd, bytes, keyEnd, length)) return;
    this.flush();
    if (this.#buffer.add(partition, bytes, 0, keyEnd, bytes, keyEnd, length)) return;
    throw pairTooLarge(length, mostBytes);
  }
}
