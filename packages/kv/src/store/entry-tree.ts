import imported from "sorted-btree";
import { type ByteString, FROM_KEY } from "../byte-string.ts";
import type { Entry } from "./entry.ts";

type Tree = import("sorted-btree").default<ByteString, Entry>;

// A CommonJS module marked as transpiled ESM: Node imports all its exports as the default one,
// bundlers and test runners only `exports.default`.
const exported = imported as typeof imported | (typeof imported)["default"];
const BTree = "default" in exported ? exported.default : exported;

/** Fastest for puts and gets at 1 M keys of 24 bytes (docs/decisions/0030). */
const NODE_SIZE = 64;

const STOP = { break: 0 };

/** Entries in the order of their keys, with ranges as etcd names them (see `Range`). */
export class EntryTree {
  readonly #tree: Tree;

  constructor(tree: Tree = new BTree<ByteString, Entry>(undefined, inByteOrder, NODE_SIZE)) {
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
  range(key: ByteString, rangeEnd: ByteString, max = Infinity): Entry[] {
    if (rangeEnd === "") {
      const entry = this.#tree.get(key);
      return entry ? [entry] : [];
    }
    const found: Entry[] = [];
    this.#scan(key, rangeEnd, (_key, entry) => {
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

  /** How many entries a range has; O(their number / 64). */
  count(key: ByteString, rangeEnd: ByteString): number {
    if (rangeEnd === "") return this.#tree.get(key) ? 1 : 0;
    return this.#scan(key, rangeEnd, undefined);
  }

  #scan(
    key: ByteString,
    rangeEnd: ByteString,
    visit: ((key: ByteString, entry: Entry) => typeof STOP | void) | undefined,
  ): number {
    const toLast = rangeEnd === FROM_KEY;
    const high = toLast ? this.#tree.maxKey() : rangeEnd;
    // The library takes no range that ends before it begins.
    if (high === undefined || high < key || (high === key && !toLast)) return 0;
    return this.#tree.forRange(key, high, toLast, visit);
  }
}

function inByteOrder(a: ByteString, b: ByteString): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
