import { type ByteString, FROM_KEY } from "../byte-string.ts";
import type { Entry } from "./entry.ts";
import { rank } from "./rank.ts";
import { BTree } from "./sorted-btree.ts";

/** Fastest for puts and gets at 1 M keys of 24 bytes (docs/decisions/0030). */
const NODE_SIZE = 64;

const STOP = { break: 0 };

/** Entries in the order of their keys, with ranges as etcd names them (see `Range`). */
export class EntryTree {
  readonly #tree: BTree<ByteString, Entry>;

  constructor(tree: BTree<ByteString, Entry> = new BTree(undefined, inByteOrder, NODE_SIZE)) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: ByteString): Entry | undefined {
    return this.#tree.get(key);
  }

  set(entry: Entry): void {
    this.#tree.set(entry.key, entry);
  }

  delete(key: ByteString): void {
    this.#tree.delete(key);
  }

  /** A view that stays as it is while this tree changes; costs nothing until it does. */
  clone(): EntryTree {
    return new EntryTree(this.#tree.clone());
  }

  /** All entries. The tree must not change meanwhile: iterate a `clone`. */
  entries(): IterableIterator<[ByteString, Entry]> {
    return this.#tree.entries();
  }

  /** The entries of a range in the order of their keys, at most `max`. */
  range(key: ByteString, rangeEnd: ByteString, max: number = Infinity): Entry[] {
    if (rangeEnd === "") {
      const entry = this.#tree.get(key);
      return entry ? [entry] : [];
    }
    const found: Entry[] = [];
    const toLast = rangeEnd === FROM_KEY;
    const high = toLast ? this.#tree.maxKey() : rangeEnd;
    // The library takes no range that ends before it begins.
    if (high === undefined || high < key) return found;
    this.#tree.forRange(key, high, toLast, (_key, entry) => {
      found.push(entry);
      return found.length >= max ? STOP : undefined;
    });
    return found;
  }

  /** The entries of a range from its last key down, at most `max`. */
  rangeDown(key: ByteString, rangeEnd: ByteString, max: number): Entry[] {
    if (rangeEnd === "") return this.range(key, rangeEnd);
    const found: Entry[] = [];
    const highest = rangeEnd === FROM_KEY ? undefined : rangeEnd;
    for (const [at, entry] of this.#tree.entriesReversed(highest, undefined, true)) {
      if (at < key || found.length >= max) break;
      found.push(entry);
    }
    return found;
  }

  /** How many entries a range has; O(log n). */
  count(key: ByteString, rangeEnd: ByteString): number {
    if (rangeEnd === "") return this.#tree.get(key) ? 1 : 0;
    const end = rangeEnd === FROM_KEY ? this.#tree.size : rank(this.#tree, rangeEnd);
    return Math.max(0, end - rank(this.#tree, key));
  }
}

function inByteOrder(a: ByteString, b: ByteString): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
