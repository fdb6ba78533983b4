import { type ByteString, FROM_KEY } from "../byte-string.ts";
import type { KeyHistory } from "./key-history.ts";
import { rank } from "./rank.ts";
import { BTree } from "./sorted-btree.ts";

/** Fastest for puts and gets at 1 M keys of 24 bytes (docs/decisions/0030). */
const NODE_SIZE = 64;

const STOP = { break: 0 };

/** Keys in the order of their bytes, with ranges as etcd names them (see `Range`). */
export class KeyTree {
  readonly #tree: BTree<ByteString, KeyHistory>;

  constructor(tree: BTree<ByteString, KeyHistory> = new BTree(undefined, inByteOrder, NODE_SIZE)) {
    this.#tree = tree;
  }

  get size(): number {
    return this.#tree.size;
  }

  get(key: ByteString): KeyHistory | undefined {
    return this.#tree.get(key);
  }

  set(history: KeyHistory): void {
    this.#tree.set(history.key, history);
  }

  delete(key: ByteString): void {
    this.#tree.delete(key);
  }

  /** A view that stays as it is while this tree changes; costs nothing until it does. */
  clone(): KeyTree {
    return new KeyTree(this.#tree.clone());
  }

  /** All keys. The tree must not change meanwhile: iterate a `clone`. */
  values(): IterableIterator<KeyHistory> {
    return this.#tree.values();
  }

  /** What `pick` makes of the keys of a range, in their order, at most `max`; it may leave some out. */
  range<R>(
    key: ByteString,
    rangeEnd: ByteString,
    max: number,
    pick: (history: KeyHistory) => R | undefined,
  ): R[] {
    const found: R[] = [];
    if (rangeEnd === "") {
      const history = this.#tree.get(key);
      const picked = history && pick(history);
      if (picked !== undefined) found.push(picked);
      return found;
    }
    const toLast = rangeEnd === FROM_KEY;
    const high = toLast ? this.#tree.maxKey() : rangeEnd;
    // The library takes no range that ends before it begins.
    if (high === undefined || high < key) return found;
    this.#tree.forRange(key, high, toLast, (_key, history) => {
      const picked = pick(history);
      if (picked !== undefined) found.push(picked);
      return found.length >= max ? STOP : undefined;
    });
    return found;
  }

  /** The keys of a range from its last down, at most `max`. */
  rangeDown(key: ByteString, rangeEnd: ByteString, max: number): KeyHistory[] {
    if (rangeEnd === "") return this.range(key, rangeEnd, max, (history) => history);
    const found: KeyHistory[] = [];
    const highest = rangeEnd === FROM_KEY ? undefined : rangeEnd;
    for (const [at, history] of this.#tree.entriesReversed(highest, undefined, true)) {
      if (at < key || found.length >= max) break;
      found.push(history);
    }
    return found;
  }

  /** How many keys a range has; O(log n). */
  count(key: ByteString, rangeEnd: ByteString): number {
    if (rangeEnd === "") return this.#tree.get(key) ? 1 : 0;
    const end = rangeEnd === FROM_KEY ? this.#tree.size : rank(this.#tree, rangeEnd);
    return Math.max(0, end - rank(this.#tree, key));
  }
}

function inByteOrder(a: ByteString, b: ByteString): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
