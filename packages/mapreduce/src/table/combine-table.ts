import type { Codec } from "../codec/codec.ts";
import { EntrySorter } from "../sort/sort-entries.ts";
import { KEY_OFFSET } from "../sort/arena.ts";
import type { RunWriter } from "../sort/run-writer.ts";
import { KeyTable } from "./key-table.ts";
import { type Combine, type TableValues, tableValues } from "./table-values.ts";

/** Tells an entry's partition, by its key's bytes or their hash. */
export type EntryPartition = (
  bytes: Uint8Array,
  start: number,
  end: number,
  hash: number,
) => number;

export interface CombineTableOptions<V> {
  /** All that the table takes, and spilling it. */
  readonly memory: ArrayBuffer;
  readonly value: Codec<V>;
  readonly combine: Combine<V>;
  readonly partitions: number;
  readonly partitionOf: EntryPartition;
}

/** One value a key: those that come later are combined with it. */
export class CombineTable<V> {
  readonly #keys: KeyTable;
  readonly #values: TableValues<V>;
  readonly #partitions: number;
  readonly #partitionOf: EntryPartition;

  constructor(options: CombineTableOptions<V>) {
    this.#keys = new KeyTable(options.memory);
    this.#values = tableValues(options.value, options.combine, this.#keys);
    this.#partitions = options.partitions;
    this.#partitionOf = options.partitionOf;
  }

  get count(): number {
    return this.#keys.count;
  }

  /** False, and nothing is done, when there is no room for it. */
  add(key: Uint8Array, start: number, end: number, value: V): boolean {
    const keys = this.#keys;
    const ref = keys.find(key, start, end, this.#values.roomFor(value));
    if (ref === 0) return false;
    if (!keys.isNew) return this.#values.combine(ref, value);
    this.#values.set(ref, value);
    return true;
  }

  /** Writes all pairs as one sorted segment for each partition that has some, and is empty then. */
  writeTo(run: RunWriter): void {
    const { ends, sorter } = this.#placed();
    let start = 0;
    for (let partition = 0; partition < this.#partitions; partition++) {
      const end = ends[partition]!;
      if (start === end) continue;
      sorter.sort(start, end);
      run.begin(partition);
      for (let index = start; index < end; index++) this.#write(sorter.refAt(index), run);
      run.end();
      start = end;
    }
    this.#keys.clear();
  }

  #placed(): { readonly ends: Uint32Array; readonly sorter: EntrySorter } {
    const keys = this.#keys;
    const ends = new Uint32Array(this.#partitions);
    const sorter = new EntrySorter(keys, keys.order());
    if (this.#partitions === 1) {
      keys.forEach((ref) => sorter.put(ends[0]!++, ref));
      return { ends, sorter };
    }
    keys.forEach((ref) => ends[this.#partition(ref)]!++);
    let before = 0;
    for (let partition = 0; partition < ends.length; partition++) {
      const count = ends[partition]!;
      ends[partition] = before;
      before += count;
    }
    keys.forEach((ref) => sorter.put(ends[this.#partition(ref)]!++, ref));
    return { ends, sorter };
  }

  #partition(ref: number): number {
    const { bytes, words } = this.#keys;
    const start = 8 * ref + KEY_OFFSET;
    return this.#partitionOf(bytes, start, start + words[2 * ref]!, this.#keys.hashOf(ref));
  }

  #write(ref: number, run: RunWriter): void {
    const { bytes, words } = this.#keys;
    const start = 8 * ref + KEY_OFFSET;
    const value = this.#values.encoded(ref);
    run.append(bytes, start, start + words[2 * ref]!, value.bytes, value.start, value.end);
  }
}
