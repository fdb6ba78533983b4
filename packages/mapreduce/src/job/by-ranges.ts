import { compareBytes } from "../codec/compare-bytes.ts";
import { MapReduceError } from "../mapreduce-error.ts";

/** Keys are split into ranges of about as many pairs each, found from a sample of the input. */
export interface RangePartition {
  readonly kind: "ranges";
  readonly sampleRecords: number;
}

/** Records that are mapped before the job starts, to find the ranges. */
const SAMPLE_RECORDS = 10_000;

/**
 * A total order: each part is sorted, and all keys of a part stand before those of the next. Before
 * the job starts, `sampleRecords` records (10,000 by default) from all over the input are mapped, to
 * find ranges that are about even.
 */
export function byRanges({
  sampleRecords = SAMPLE_RECORDS,
}: { readonly sampleRecords?: number } = {}): RangePartition {
  if (!(Number.isInteger(sampleRecords) && sampleRecords >= 1)) {
    throw new MapReduceError(
      "invalid-job",
      `sampleRecords must be a whole number from 1, and is ${sampleRecords}`,
    );
  }
  return { kind: "ranges", sampleRecords };
}

/**
 * The first key of each partition but the first, from a sample. Fewer when the sample has fewer
 * different keys: then the last partitions stay empty.
 */
export function rangesOf(sample: readonly Uint8Array[], partitions: number): Uint8Array[] {
  const sorted = [...sample].sort(compare);
  const ranges: Uint8Array[] = [];
  for (let partition = 1; partition < partitions && sorted.length > 0; partition++) {
    const key = sorted[Math.floor((partition * sorted.length) / partitions)]!;
    const last = ranges.at(-1);
    if (!last || compare(last, key) < 0) ranges.push(key);
  }
  return ranges;
}

/** How many ranges begin at the key or before it: its partition. */
export function rangeOf(
  ranges: readonly Uint8Array[],
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const range = ranges[middle]!;
    if (compareBytes(range, 0, range.length, bytes, start, end) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(left: Uint8Array, right: Uint8Array): number {
  return compareBytes(left, 0, left.length, right, 0, right.length);
}
