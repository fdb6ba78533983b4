import { copy } from "../codec/copy.ts";
import { type Arena, KEY_OFFSET, MAX_ARENA_BYTES, padded } from "./arena.ts";
import type { RunWriter } from "./run-writer.ts";
import { EntrySorter } from "./sort-entries.ts";

/** Words of an entry after its key's length. */
const VALUE_LENGTH = 1;
const PARTITION = 2;
/** What sorting takes for each entry, out of the same memory. */
const ORDER_BYTES = 8;

/** Pairs that wait to be sorted and written, at most so many that the given memory holds them. */
export class SortBuffer implements Arena {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly #perPartition: Uint32Array;
  #used = 0;
  #count = 0;

  /** @param memory all that the buffer takes, and sorting it; what is in it does not matter. */
  constructor(memory: ArrayBuffer, partitions: number) {
    const size = 8 * Math.floor(Math.min(memory.byteLength, MAX_ARENA_BYTES) / 8);
    this.bytes = new Uint8Array(memory, 0, size);
    this.words = new Uint32Array(memory, 0, size / 4);
    this.#perPartition = new Uint32Array(partitions);
  }

  get count(): number {
    return this.#count;
  }

  /** Copies the pair; false, and nothing is done, when there is no room for it. */
  add(
    partition: number,
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): boolean {
    const keyLength = keyEnd - keyStart;
    const valueLength = valueEnd - valueStart;
    const next = this.#used + padded(KEY_OFFSET + keyLength + valueLength);
    if (next + ORDER_BYTES * (this.#count + 1) > this.bytes.length) return false;
    const word = this.#used / 4;
    this.words[word] = keyLength;
    this.words[word + VALUE_LENGTH] = valueLength;
    this.words[word + PARTITION] = partition;
    const at = this.#used + KEY_OFFSET;
    copy(key, keyStart, keyEnd, this.bytes, at);
    copy(value, valueStart, valueEnd, this.bytes, at + keyLength);
    this.#perPartition[partition]!++;
    this.#used = next;
    this.#count++;
    return true;
  }

  /** Writes all pairs as one sorted segment for each partition that has some, and is empty then. */
  writeTo(run: RunWriter): void {
    const order = new BigUint64Array(this.bytes.buffer, this.#used, this.#count);
    const sorter = new EntrySorter(this, order);
    this.#place(sorter);
    let end = 0;
    for (let partition = 0; partition < this.#perPartition.length; partition++) {
      const start = end;
      end += this.#perPartition[partition]!;
      if (start === end) continue;
      sorter.sort(start, end);
      run.begin(partition);
      for (let index = start; index < end; index++) this.#write(sorter.refAt(index), run);
      run.end();
    }
    this.#perPartition.fill(0);
    this.#used = 0;
    this.#count = 0;
  }

  /** Each entry to its partition's part of the order, in the order in which they came. */
  #place(sorter: EntrySorter): void {
    const next = new Uint32Array(this.#perPartition.length);
    for (let partition = 1; partition < next.length; partition++) {
      next[partition] = next[partition - 1]! + this.#perPartition[partition - 1]!;
    }
    const { words } = this;
    for (let at = 0; at < this.#used;) {
      const word = at / 4;
      sorter.put(next[words[word + PARTITION]!]!++, at / 8);
      at += padded(KEY_OFFSET + words[word]! + words[word + VALUE_LENGTH]!);
    }
  }

  #write(ref: number, run: RunWriter): void {
    const keyStart = 8 * ref + KEY_OFFSET;
    const keyEnd = keyStart + this.words[2 * ref]!;
    const valueEnd = keyEnd + this.words[2 * ref + VALUE_LENGTH]!;
    run.append(this.bytes, keyStart, keyEnd, this.bytes, keyEnd, valueEnd);
  }
}
