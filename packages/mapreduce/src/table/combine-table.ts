import type { Codec } from "../codec/codec.ts";
import { EntrySorter } from "../sort/sort-entries.ts";
import { KEY_OFFSET } from "../sort/arena.ts";
import type { RunWriter } from "../sort/run-writer.ts";
import { KeyTable } from "./key-table.ts";
import { StagedKeys } from "./staged-keys.ts";
import { type Combine, type TableValues, tableValues } from "./table-values.ts";

/** Tells an entry's partition by its key's bytes. */
export type EntryPartition = (bytes: Uint8Array, start: number, end: number) => number;

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
  readonly #staged = new StagedKeys();
  /** How many of the staged pairs are in their place. */
  #settled = 0;
  readonly #partitions: number;
  readonly #partitionOf: EntryPartition;

  constructor(options: CombineTableOptions<V>) {
    this.#keys = new KeyTable(options.memory);
    this.#values = tableValues(options.value, options.combine, this.#keys);
    this.#partitions = options.partitions;
    this.#partitionOf = options.partitionOf;
  }

  /** Keys that are settled. */
  get count(): number {
    return this.#keys.count;
  }

  /** Takes a copy of the pair. False when `settle` must be called before the next one. */
  add(key: Uint8Array, start: number, end: number, value: V): boolean {
    const staged = this.#staged;
    this.#values.stage(staged.count, value);
    staged.add(key, start, end);
    return staged.count < this.#values.mostStaged;
  }

  /** Puts the pairs that were added in their place; false when there is no room for all of them. */
  settle(): boolean {
    const staged = this.#staged;
    this.#keys.lookAhead(staged);
    for (; this.#settled < staged.count; this.#settled++) {
      if (!this.#settleOne(this.#settled)) return false;
    }
    staged.clear();
    this.#settled = 0;
    return true;
  }

  /**
   * Writes all pairs that are settled as one sorted segment for each partition that has some, and is
   * empty then.
   */
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

  #settleOne(index: number): boolean {
    const seen = this.#keys.seen(this.#staged, index);
    if (seen !== 0) return this.#values.combine(seen, index);
    const ref = this.#keys.find(this.#staged, index, this.#values.room(index));
    if (ref === 0) return false;
    if (!this.#keys.isNew) return this.#values.combine(ref, index);
    this.#values.set(ref, index);
    return true;
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
    return this.#partitionOf(bytes, start, start + words[2 * ref]!);
  }

  #write(ref: number, run: RunWriter): void {
    const { bytes, words } = this.#keys;
    const start = 8 * ref + KEY_OFFSET;
    const value = this.#values.encoded(ref);
    run.append(bytes, start, start + words[2 * ref]!, value.bytes, value.start, value.end);
  }
}
