/**
 * The smallest sample that at least `percent` % of all samples do not exceed (nearest rank, so
 * always a value that was measured). `percent` is 0 to 100; `samples` need not be sorted and are
 * left as they are.
 *
 * @throws {RangeError} when there is no sample, or `percent` is out of its range.
 */
export function percentile(samples: Iterable<number>, percent: number): number {
  const sorted = Float64Array.from(samples).toSorted();
  if (!(percent >= 0 && percent <= 100)) {
    throw new RangeError(`percent must be 0 to 100, not ${percent}`);
  }
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  const found = sorted[rank - 1];
  if (found === undefined) throw new RangeError("a percentile needs at least one sample");
  return found;
}

/**
 * The middle sample, or the mean of the two in the middle.
 *
 * @throws {RangeError} when there is no sample.
 */
export function median(samples: Iterable<number>): number {
  const sorted = Float64Array.from(samples).toSorted();
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) {
    throw new RangeError("a median needs at least one sample");
  }
  return (lower + upper) / 2;
}
