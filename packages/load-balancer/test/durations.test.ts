import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Durations } from "../src/durations.ts";

describe("durations", () => {
  it("percentiles are those of a sorted list, within 1 %, after any number of them", () => {
    const duration = fc.double({ min: 0.001, max: 3_600_000, noNaN: true });
    fc.assert(
      fc.property(fc.array(duration, { minLength: 1, maxLength: 300 }), (all) => {
        const durations = new Durations();
        for (const one of all) durations.record(one);
        expect(durations.count).toBe(all.length);
        const sorted = all.toSorted((a, b) => a - b);
        for (const percentile of [50, 90, 99]) {
          // HdrHistogram rounds the rank to the nearest.
          const rank = Math.max(1, Math.floor((percentile / 100) * all.length + 0.5));
          const exact = sorted[rank - 1] as number;
          const found = durations.percentileMs(percentile);
          expect(Math.abs(found - exact)).toBeLessThanOrEqual(0.01 * exact + 0.0011);
        }
        const { maxMs, meanMs, count } = durations.summary();
        expect(count).toBe(all.length);
        expect(maxMs).toBe(sorted.at(-1));
        expect(meanMs).toBeCloseTo(all.reduce((sum, one) => sum + one, 0) / all.length, 3);
      }),
      { numRuns: 50 },
    );
  });

  it("nothing yet, and nothing after clear: all are 0", () => {
    const durations = new Durations();
    const empty = { count: 0, meanMs: 0, p50Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
    expect(durations.summary()).toEqual(empty);
    for (let at = 0; at < 100; at++) durations.record(5);
    durations.clear();
    expect(durations.summary()).toEqual(empty);
  });
});
