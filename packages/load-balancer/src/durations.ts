import { createHistogram, type RecordableHistogram } from "node:perf_hooks";
import type { DurationSummary } from "./balancer-metrics.ts";

const UNIT_MS = 0.001;
/** An hour, in units: longer ones count as that. */
const LONGEST = 3_600_000 / UNIT_MS;
const BATCH = 64;

/**
 * Durations in Node's own HdrHistogram: microseconds, two digits, so about 1 % of error, in 30 KiB.
 * They go there in batches: a call out of JavaScript in a loop of its own takes an eighth of the time
 * that it takes in the midst of a request. See docs/decisions/0092.
 */
export class Durations {
  readonly #histogram: RecordableHistogram = createHistogram({
    lowest: 1,
    highest: LONGEST,
    figures: 2,
  });
  readonly #recentMs = new Float64Array(BATCH);
  #recent = 0;
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  record(ms: number): void {
    this.#recentMs[this.#recent++] = ms;
    if (this.#recent === BATCH) this.#flush();
  }

  get count(): number {
    return this.#count + this.#recent;
  }

  percentileMs(percentile: number): number {
    this.#flush();
    return this.#count === 0 ? 0 : this.#histogram.percentile(percentile) * UNIT_MS;
  }

  summary(): DurationSummary {
    this.#flush();
    const count = this.#count;
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
    this.#recent = 0;
    this.#count = 0;
    this.#sumMs = 0;
    this.#maxMs = 0;
  }

  #flush(): void {
    for (let at = 0; at < this.#recent; at++) {
      const ms = this.#recentMs[at] as number;
      const units = Math.round(ms / UNIT_MS);
      this.#histogram.record(units < 1 ? 1 : units > LONGEST ? LONGEST : units);
      this.#sumMs += ms;
      if (ms > this.#maxMs) this.#maxMs = ms;
    }
    this.#count += this.#recent;
    this.#recent = 0;
  }
}
