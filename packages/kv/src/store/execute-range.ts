import type { ByteString } from "../byte-string.ts";
import type { Entry } from "../history/entry.ts";
import { KvError } from "../kv-error.ts";
import type { KeyValue, RangeResult } from "../operation-result.ts";
import type { DecodedRange, SortTarget } from "../operation.ts";
import type { Store } from "./store.ts";

/**
 * Reads a range, as the store is now or was at a revision.
 *
 * @throws {KvError} `future-revision`, `compacted`.
 */
export function executeRange(store: Store, range: DecodedRange): RangeResult<ByteString> {
  checkReadable(store, range.revision, store.revision);
  const { revision } = store;
  if (range.countOnly) {
    return { kind: "range", revision, kvs: [], more: false, count: countOf(store, range) };
  }
  const limit = range.limit === 0 ? Infinity : range.limit;
  // One beyond the limit, to know whether there is more.
  const { found, count } = inOrder(store, range, limit + 1);
  const more = found.length > limit;
  const within = more ? found.slice(0, limit) : found;
  const kvs = range.keysOnly ? within.map(withoutValue) : within;
  return { kind: "range", revision, kvs, more, count: count ?? countOf(store, range) };
}

/** @throws {KvError} `future-revision`, `compacted`. */
export function checkReadable(store: Store, revision: number, current: number): void {
  if (revision === 0) return;
  if (revision > current) {
    throw new KvError("future-revision", `revision ${revision} is above ${current}`);
  }
  const { compactRevision } = store;
  if (revision < compactRevision) {
    throw new KvError("compacted", `revision ${revision} is below ${compactRevision}`);
  }
}

interface Found {
  readonly found: readonly Entry[];
  /** Of the whole range; undefined if more is in it than was looked at. */
  readonly count: number | undefined;
}

/** In the order that was asked for, and at most `max` where that order is the keys'. */
function inOrder(store: Store, range: DecodedRange, max: number): Found {
  const { target, order } = range.sort;
  const isFiltered = hasBounds(range);
  const isDown = order === "descending";
  if (target === "key" && !isFiltered && !(isDown && isPast(store, range))) {
    const found = isDown
      ? store.reads.rangeDown(range.key, range.rangeEnd, max)
      : upTo(store, range, max);
    return { found, count: found.length < max ? found.length : undefined };
  }
  const all = upTo(store, range, Infinity);
  const within = isFiltered ? all.filter((entry) => isWithin(entry, range)) : all;
  if (target !== "key") within.sort(BY[`${target} ${order}`]);
  else if (isDown) within.reverse();
  return { found: within, count: all.length };
}

function upTo(store: Store, range: DecodedRange, max: number): Entry[] {
  const { reads } = store;
  return isPast(store, range)
    ? reads.rangeAt(range.revision, range.key, range.rangeEnd, max)
    : reads.range(range.key, range.rangeEnd, max);
}

function countOf(store: Store, range: DecodedRange): number {
  const { reads } = store;
  return isPast(store, range)
    ? reads.rangeAt(range.revision, range.key, range.rangeEnd).length
    : reads.count(range.key, range.rangeEnd);
}

function isPast(store: Store, range: DecodedRange): boolean {
  return range.revision !== 0 && range.revision < store.revision;
}

function hasBounds(range: DecodedRange): boolean {
  const { minModRevision, maxModRevision, minCreateRevision, maxCreateRevision } = range;
  return minModRevision + maxModRevision + minCreateRevision + maxCreateRevision > 0;
}

function isWithin({ modRevision, createRevision }: Entry, range: DecodedRange): boolean {
  return (
    (range.minModRevision === 0 || modRevision >= range.minModRevision) &&
    (range.maxModRevision === 0 || modRevision <= range.maxModRevision) &&
    (range.minCreateRevision === 0 || createRevision >= range.minCreateRevision) &&
    (range.maxCreateRevision === 0 || createRevision <= range.maxCreateRevision)
  );
}

// Array.sort is stable: what is equal stays in the order of its keys.
function by(target: SortTarget, sign: 1 | -1): (a: Entry, b: Entry) => number {
  return (a, b) => (a[target] === b[target] ? 0 : a[target] < b[target] ? -sign : sign);
}

const BY = {
  "version ascending": by("version", 1),
  "version descending": by("version", -1),
  "createRevision ascending": by("createRevision", 1),
  "createRevision descending": by("createRevision", -1),
  "modRevision ascending": by("modRevision", 1),
  "modRevision descending": by("modRevision", -1),
  "value ascending": by("value", 1),
  "value descending": by("value", -1),
} as const;

function withoutValue(kv: KeyValue<ByteString>): KeyValue<ByteString> {
  const { key, createRevision, modRevision, version, lease } = kv;
  return { key, value: "", createRevision, modRevision, version, lease };
}
