import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, percentile } from "../src/index.ts";

const samples = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1 });

describe("percentile", () => {
  it("is the smallest sample that at least that share of all samples does not exceed", () => {
    fc.assert(
      fc.property(samples, fc.integer({ min: 0, max: 100 }), (all, percent) => {
        const enough = (bound: number): boolean =>
          all.filter((sample) => sample <= bound).length * 100 >= percent * all.length;
        const naive = Math.min(...all.filter(enough));
        expect(percentile(all, percent)).toBe(naive);
      }),
    );
  });

  it("p99 of 1 to 100 is 99, and p50 is 50", () => {
    const all = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([percentile(all, 50), percentile(all, 99), percentile(all, 100)]).toEqual([50, 99, 100]);
  });

  it("refuses no samples and a percentage out of range", () => {
    expect(() => percentile([], 50)).toThrow(RangeError);
    expect(() => percentile([1], 101)).toThrow(RangeError);
  });
});

describe("median", () => {
  it("has as many samples above as below, and leaves the samples as they are", () => {
    fc.assert(
      fc.property(samples, (all) => {
        const before = [...all];
        const middle = median(all);
        const below = all.filter((sample) => sample < middle).length;
        const above = all.filter((sample) => sample > middle).length;
        expect(Math.max(below, above) * 2).toBeLessThanOrEqual(all.length);
        expect(all).toEqual(before);
      }),
    );
  });

  it("is the mean of the two in the middle when their number is even", () => {
    expect(median([4, 1, 2, 10])).toBe(3);
    expect(() => median([])).toThrow(RangeError);
  });
});
