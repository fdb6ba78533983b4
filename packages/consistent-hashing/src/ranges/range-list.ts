import { compareKeys, type KeyRange } from "./key-range.ts";

/** The most ranges in one leaf; then it is cut in two. */
const MAX_LEAF = 256;

/** Where a range is. */
export interface Place {
  leaf: number;
  index: number;
}

/**
 * Adjoining ranges in order, in leaves of up to 256: two binary searches find one, and a change
 * moves at most the ranges of a leaf and a list of the leaves.
 */
export class RangeList {
  readonly #leaves: KeyRange[][];
  #size: number;

  /** At least one, each beginning where the one before ends, the first one at the empty key. */
  constructor(ranges: readonly KeyRange[]) {
    this.#size = ranges.length;
    this.#leaves = [];
    for (let at = 0; at < ranges.length; at += MAX_LEAF / 2) {
      this.#leaves.push(ranges.slice(at, at + MAX_LEAF / 2));
    }
  }

  get size(): number {
    return this.#size;
  }

  /** The range that has the key of the first `length` bytes of `bytes`. Allocates nothing. */
  find(bytes: Uint8Array, length: number): KeyRange {
    const leaf = this.#leaves[this.#leafOf(bytes, length)] as KeyRange[];
    return leaf[indexIn(leaf, bytes, length)] as KeyRange;
  }

  place(bytes: Uint8Array, length: number): Place {
    const leaf = this.#leafOf(bytes, length);
    return { leaf, index: indexIn(this.#leaves[leaf] as KeyRange[], bytes, length) };
  }

  at({ leaf, index }: Place): KeyRange {
    return this.#leaves[leaf]?.[index] as KeyRange;
  }

  /** The next place, undefined after the last one. */
  next({ leaf, index }: Place): Place | undefined {
    if (index + 1 < (this.#leaves[leaf] as KeyRange[]).length) return { leaf, index: index + 1 };
    return leaf + 1 < this.#leaves.length ? { leaf: leaf + 1, index: 0 } : undefined;
  }

  lastOf(leaf: number): Place {
    return { leaf, index: (this.#leaves[leaf] as KeyRange[]).length - 1 };
  }

  replace({ leaf, index }: Place, range: KeyRange): void {
    (this.#leaves[leaf] as KeyRange[])[index] = range;
  }

  insertAfter({ leaf, index }: Place, range: KeyRange): void {
    const ranges = this.#leaves[leaf] as KeyRange[];
    ranges.splice(index + 1, 0, range);
    this.#size++;
    if (ranges.length > MAX_LEAF) this.#leaves.splice(leaf + 1, 0, ranges.splice(MAX_LEAF / 2));
  }

  remove({ leaf, index }: Place): void {
    const ranges = this.#leaves[leaf] as KeyRange[];
    ranges.splice(index, 1);
    this.#size--;
    if (ranges.length === 0) this.#leaves.splice(leaf, 1);
  }

  #leafOf(bytes: Uint8Array, length: number): number {
    let low = 0;
    let high = this.#leaves.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      const [first] = this.#leaves[middle] as KeyRange[];
      if (compareKeys(bytes, length, (first as KeyRange).start) >= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

function indexIn(ranges: readonly KeyRange[], bytes: Uint8Array, length: number): number {
  let low = 0;
  let high = ranges.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (compareKeys(bytes, length, (ranges[middle] as KeyRange).start) >= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
