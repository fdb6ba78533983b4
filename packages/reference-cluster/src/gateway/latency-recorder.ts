import { build, type Histogram } from "hdr-histogram-js";

const MICROSECONDS_PER_MS = 1_000;
/** Longer ones count as this long. */
const LONGEST_US = 60_000_000;

/** Latencies in milliseconds, kept to three digits in bounded memory. */
export class LatencyRecorder {
  readonly #histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: LONGEST_US,
    numberOfSignificantValueDigits: 3,
  });

  get count(): number {
    return this.#histogram.totalCount;
  }

  get p50Ms(): number {
    return this.#percentile(50);
  }

  get p99Ms(): number {
    return this.#percentile(99);
  }

  record(ms: number): void {
    const microseconds = Math.round(ms * MICROSECONDS_PER_MS);
    this.#histogram.recordValue(Math.min(LONGEST_US, Math.max(1, microseconds)));
  }

  reset(): void {
    this.#histogram.reset();
  }

  #percentile(percent: number): number {
    if (this.count === 0) return 0;
    return this.#histogram.getValueAtPercentile(percent) / MICROSECONDS_PER_MS;
  }
}
