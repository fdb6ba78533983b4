import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { bytesOfKey, keyBytes } from "../key.ts";
import { nodeInfo } from "../node.ts";
import { compareKeys, type KeyRange } from "./key-range.ts";
import { type Place, RangeList } from "./range-list.ts";
import { checkedRanges, type RangeMapState, stateOf } from "./range-map-state.ts";

/** The most ranges of a map. */
const MAX_RANGES = 2 ** 20;

/** A key is its bytes, ordered as unsigned bytes; a string is its UTF-8, so by code points. */
export type RangeKey = string | Uint8Array;

/** To change a range only if nobody has changed it meanwhile. */
export interface IfEpoch {
  /** The range's epoch as the caller knows it. */
  readonly epoch?: number;
}

/**
 * All keys, cut into half-open ranges that nodes hold. Every key is in exactly one. Lookups take
 * O(log ranges), and `locate` allocates nothing; a change moves at most the places of some hundred
 * ranges. What throws has changed nothing.
 */
export interface RangeMap extends Iterable<KeyRange> {
  /** How many ranges there are: 1 or more, up to 1,048,576. */
  readonly size: number;
  /** The name of the node that holds the key. @throws {ConsistentHashingError} `invalid-key` */
  locate(key: RangeKey): string;
  /** The range that the key is in. @throws {ConsistentHashingError} `invalid-key` */
  rangeOf(key: RangeKey): KeyRange;
  /**
   * The ranges that have keys from `from` (default: the first) up to, not including, `to` (default:
   * beyond the last), in order. A change during the scan is seen from where the scan is.
   *
   * @throws {ConsistentHashingError} `invalid-key`
   */
  scan(from?: RangeKey, to?: RangeKey): IterableIterator<KeyRange>;
  /**
   * Cuts the range that has `at` in two; `at` is the first key of the second. Both have the next
   * epoch.
   *
   * @throws {ConsistentHashingError} `invalid-option` when a range begins there already,
   * `stale-epoch`, `full`, `invalid-key`
   */
  split(at: RangeKey, options?: IfEpoch): readonly [KeyRange, KeyRange];
  /**
   * Joins the range that ends at `at` with the one that begins there; the epoch is one above the
   * greater of theirs. `epoch` is that greater one.
   *
   * @throws {ConsistentHashingError} `no-boundary`, `different-nodes`, `stale-epoch`, `invalid-key`
   */
  merge(at: RangeKey, options?: IfEpoch): KeyRange;
  /**
   * Gives the range that has `key` to another node, or to the same one, with the next epoch.
   *
   * @throws {ConsistentHashingError} `invalid-node`, `stale-epoch`, `invalid-key`
   */
  move(key: RangeKey, node: string, options?: IfEpoch): KeyRange;
  /** The ranges of a node, in order; takes a pass over all. */
  rangesOf(node: string): KeyRange[];
  toJSON(): RangeMapState;
}

/** One range of all keys, held by `node`. @throws {ConsistentHashingError} `invalid-node` */
export function createRangeMap(node: string): RangeMap {
  const { name } = nodeInfo({ name: node });
  return new ListedRangeMap([{ start: new Uint8Array(), end: undefined, node: name, epoch: 1 }]);
}

/** The map of which `toJSON` gave this. @throws {ConsistentHashingError} `invalid-state` */
export function rangeMapFromJSON(state: RangeMapState): RangeMap {
  return new ListedRangeMap(checkedRanges(state, MAX_RANGES));
}

class ListedRangeMap implements RangeMap {
  readonly #list: RangeList;
  #version = 0;

  constructor(ranges: readonly KeyRange[]) {
    this.#list = new RangeList(ranges);
  }

  get size(): number {
    return this.#list.size;
  }

  locate(key: RangeKey): string {
    const length = rangeKeyBytes(key);
    return this.#list.find(bytesOfKey, length).node;
  }

  rangeOf(key: RangeKey): KeyRange {
    const length = rangeKeyBytes(key);
    return this.#list.find(bytesOfKey, length);
  }

  *scan(from: RangeKey = "", to?: RangeKey): IterableIterator<KeyRange> {
    const end = to === undefined ? undefined : copied(to);
    let key = copied(from);
    if (end !== undefined && compareKeys(key, key.length, end) >= 0) return;
    let place: Place | undefined = this.#list.place(key, key.length);
    let version = this.#version;
    while (place !== undefined) {
      const range = this.#list.at(place);
      if (end !== undefined && compareKeys(end, end.length, range.start) <= 0) return;
      yield range;
      if (range.end === undefined) return;
      key = range.end;
      place =
        version === this.#version ? this.#list.next(place) : this.#list.place(key, key.length);
      version = this.#version;
    }
  }

  [Symbol.iterator](): IterableIterator<KeyRange> {
    return this.scan();
  }

  split(at: RangeKey, { epoch }: IfEpoch = {}): readonly [KeyRange, KeyRange] {
    const key = copied(at);
    const place = this.#list.place(key, key.length);
    const range = this.#list.at(place);
    checkEpoch(range.epoch, epoch);
    if (compareKeys(key, key.length, range.start) === 0) {
      throw new ConsistentHashingError("invalid-option", "a range begins at this key already");
    }
    if (this.size >= MAX_RANGES) {
      throw new ConsistentHashingError("full", `a map has at most ${MAX_RANGES} ranges`);
    }
    const next = { node: range.node, epoch: range.epoch + 1 };
    const left: KeyRange = { start: range.start, end: key, ...next };
    const right: KeyRange = { start: key, end: range.end, ...next };
    this.#list.replace(place, left);
    this.#list.insertAfter(place, right);
    this.#version++;
    return [left, right];
  }

  merge(at: RangeKey, { epoch }: IfEpoch = {}): KeyRange {
    const key = copied(at);
    const place = this.#list.place(key, key.length);
    const right = this.#list.at(place);
    if (key.length === 0 || compareKeys(key, key.length, right.start) !== 0) {
      throw new ConsistentHashingError("no-boundary", "no range ends at this key");
    }
    const before = this.#placeBefore(place);
    const left = this.#list.at(before);
    const greater = Math.max(left.epoch, right.epoch);
    checkEpoch(greater, epoch);
    if (left.node !== right.node) {
      throw new ConsistentHashingError(
        "different-nodes",
        `the ranges are held by ${left.node} and ${right.node}; move one first`,
      );
    }
    const merged: KeyRange = {
      start: left.start,
      end: right.end,
      node: left.node,
      epoch: greater + 1,
    };
    this.#list.replace(before, merged);
    this.#list.remove(place);
    this.#version++;
    return merged;
  }

  move(key: RangeKey, node: string, { epoch }: IfEpoch = {}): KeyRange {
    const { name } = nodeInfo({ name: node });
    const length = rangeKeyBytes(key);
    const place = this.#list.place(bytesOfKey, length);
    const range = this.#list.at(place);
    checkEpoch(range.epoch, epoch);
    const moved: KeyRange = { ...range, node: name, epoch: range.epoch + 1 };
    this.#list.replace(place, moved);
    this.#version++;
    return moved;
  }

  rangesOf(node: string): KeyRange[] {
    return Array.from(this.scan()).filter((range) => range.node === node);
  }

  toJSON(): RangeMapState {
    return stateOf(this);
  }

  #placeBefore({ leaf, index }: Place): Place {
    return index > 0 ? { leaf, index: index - 1 } : this.#list.lastOf(leaf - 1);
  }
}

/** Leaves the bytes in `bytesOfKey`. Integers are no keys here: their bytes are not in order. */
function rangeKeyBytes(key: RangeKey): number {
  if (typeof key === "string" || key instanceof Uint8Array) return keyBytes(key);
  throw new ConsistentHashingError("invalid-key", "a key must be a string or a Uint8Array");
}

function copied(key: RangeKey): Uint8Array {
  const length = rangeKeyBytes(key);
  return bytesOfKey.slice(0, length);
}

function checkEpoch(actual: number, known: number | undefined): void {
  if (known === undefined || known === actual) return;
  throw new ConsistentHashingError(
    "stale-epoch",
    `the range has epoch ${actual}, the caller knows ${known}`,
  );
}
