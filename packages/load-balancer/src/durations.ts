import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { DurationSummary } from "./balancer-metrics.ts";

const UNIT_MS = 0.001;
/** An hour, in units: longer ones count as that. */
const LONGEST = 3_600_000 / UNIT_MS;

/**
 * Durations in Node's own HdrHistogram: microseconds, two digits, so about 1 % of error, in 30 KiB.
 * See docs/decisions/0092.
 */
export class Durations {
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: LONGEST,
    figures: 2,
  });
  #sumMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    const units = Math.round(ms / UNIT_MS);
    this.#histogram.record(units < 1 ? 1 : units > LONGEST ? LONGEST : units);
    this.#sumMs += ms;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  get count(): number {
    return this.#histogram.count;
  }

  percentileMs(percentile: number): number {
    return this.count === 0 ? 0 : this.#histogram.percentile(percentile) * UNIT_MS;
  }

  summary(): DurationSummary {
    const { count } = this;
    return {
      count,
      meanMs: count === 0 ? 0 : this.#sumMs / count,
      p50Ms: this.percentileMs(50),
      p99Ms: this.percentileMs(99),
      p999Ms: this.percentileMs(99.9),
      maxMs: this.#maxMs,
    };
  }

  clear(): void {
    this.#histogram.reset();
    this.#sumMs = 0;
    this.#maxMs = 0;
  }
}
