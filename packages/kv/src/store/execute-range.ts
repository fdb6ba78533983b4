import type { ByteString } from "../byte-string.ts";
import type { KeyValue, RangeResult } from "../operation-result.ts";
import type { DecodedRange, SortTarget } from "../operation.ts";
import type { Entry } from "./entry.ts";
import type { Store } from "./store.ts";

/** Reads a range as the store is now. */
export function executeRange(store: Store, range: DecodedRange): RangeResult<ByteString> {
  const { entries, revision } = store;
  if (range.countOnly) {
    const count = entries.count(range.key, range.rangeEnd);
    return { kind: "range", revision, kvs: [], more: false, count };
  }
  const limit = range.limit === 0 ? Infinity : range.limit;
  // One beyond the limit, to know whether there is more.
  const found = inOrder(store, range, limit + 1);
  const more = found.length > limit;
  const count = more ? entries.count(range.key, range.rangeEnd) : found.length;
  const within = more ? found.slice(0, limit) : found;
  const kvs = range.keysOnly ? within.map(withoutValue) : within;
  return { kind: "range", revision, kvs, more, count };
}

function inOrder(store: Store, range: DecodedRange, max: number): Entry[] {
  const { target, order } = range.sort;
  if (target !== "key") {
    return store.entries.range(range.key, range.rangeEnd).toSorted(BY[`${target} ${order}`]);
  }
  return order === "ascending"
    ? store.entries.range(range.key, range.rangeEnd, max)
    : store.entries.rangeDown(range.key, range.rangeEnd, max);
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
  const { key, createRevision, modRevision, version } = kv;
  return { key, value: "", createRevision, modRevision, version };
}
