import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CircuitBreaker } from "../src/core/circuit-breaker.ts";
import { Gradient2 } from "../src/core/gradient2.ts";
import { OutlierDetector, type OutlierOptions } from "../src/core/outlier-detector.ts";
import { PhiAccrualDetector } from "../src/core/phi-accrual.ts";
import { priorityLoads } from "../src/core/priority-loads.ts";
import { RetryBudget } from "../src/core/retry-budget.ts";
import { slowStartFactor } from "../src/core/slow-start.ts";
import { successRateThreshold } from "../src/core/success-rate.ts";

const percents = (...healthy: number[]): readonly { healthy: number; total: number }[] =>
  healthy.map((percent) => ({ healthy: percent, total: 100 }));

describe("golden: Envoy's priority levels, factor 1.4", () => {
  it.each([
    [
      [100, 100],
      [100, 0],
    ],
    [
      [72, 72],
      [100, 0],
    ],
    [
      [71, 100],
      [99, 1],
    ],
    [
      [50, 100],
      [70, 30],
    ],
    [
      [25, 100],
      [35, 65],
    ],
    [
      [0, 100],
      [0, 100],
    ],
    [
      [25, 25],
      [50, 50],
    ],
    [
      [100, 100, 100],
      [100, 0, 0],
    ],
    [
      [71, 71, 100],
      [99, 1, 0],
    ],
    [
      [50, 50, 100],
      [70, 30, 0],
    ],
    [
      [25, 25, 100],
      [35, 35, 30],
    ],
    [
      [25, 25, 20],
      [36, 36, 28],
    ],
  ])("healthy %j gives loads %j", (healthy, loads) => {
    expect(priorityLoads(percents(...healthy), 1.4, 0).map((load) => load.percent)).toEqual(loads);
  });

  it.each([
    [
      [71, 100],
      [false, false],
    ],
    [
      [0, 100],
      [false, false],
    ],
    [
      [50, 60],
      [false, false],
    ],
    [
      [25, 25],
      [true, true],
    ],
    [
      [5, 65],
      [true, false],
    ],
  ])("panic threshold 50 %%: healthy %j gives panic %j", (healthy, panics) => {
    expect(priorityLoads(percents(...healthy), 1.4, 50).map((load) => load.panic)).toEqual(panics);
  });

  it("none healthy: all to P=0 in panic; nothing anywhere without a threshold", () => {
    expect(priorityLoads(percents(0, 0), 1.4, 50)[0]).toEqual({ percent: 100, panic: true });
    expect(priorityLoads(percents(0, 0), 1.4, 0)).toEqual([
      { percent: 0, panic: false },
      { percent: 0, panic: false },
    ]);
  });

  it("loads are never above 100 % in sum, and within two of it when any is healthy", () => {
    const health = fc
      .record({ total: fc.integer({ min: 1, max: 50 }), sick: fc.nat(50) })
      .map(({ total, sick }) => ({ total, healthy: Math.max(0, total - sick) }));
    fc.assert(
      fc.property(fc.array(health, { minLength: 1, maxLength: 4 }), (priorities) => {
        const sum = priorityLoads(priorities, 1.4, 50).reduce((a, b) => a + b.percent, 0);
        expect(sum).toBeLessThanOrEqual(100);
        if (priorities.some(({ healthy }) => healthy > 0)) expect(sum).toBeGreaterThan(97);
      }),
    );
  });
});

describe("slow start", () => {
  it("golden: max(10 %, (max(t, 1 s) / window)^(1 / aggression))", () => {
    expect(slowStartFactor({ windowMs: 60_000 }, 0)).toBe(0.1);
    expect(slowStartFactor({ windowMs: 60_000 }, 30_000)).toBe(0.5);
    expect(slowStartFactor({ windowMs: 60_000, aggression: 2 }, 15_000)).toBe(0.5);
    expect(slowStartFactor({ windowMs: 60_000, minWeightPercent: 0 }, 0)).toBeCloseTo(1 / 60);
    expect(slowStartFactor({ windowMs: 60_000 }, 60_000)).toBe(1);
  });
});

function detector(
  options: OutlierOptions,
  hosts: number,
): {
  detector: OutlierDetector;
  log: string[];
} {
  const log: string[] = [];
  const listener = {
    ejected: (slot: number, untilMs: number) => void log.push(`${slot} until ${untilMs}`),
    readmitted: (slot: number) => void log.push(`${slot} back`),
  };
  const made = new OutlierDetector(options, listener, 0);
  for (let slot = 0; slot < hosts; slot++) made.joined(slot);
  return { detector: made, log };
}

describe("golden: Envoy's outlier ejection", () => {
  it("success rates 100, 100, 100, 100, 50: mean 90, deviation 20, threshold 52 at factor 1900", () => {
    expect(successRateThreshold([100, 100, 100, 100, 50], 1_900)).toEqual({
      mean: 90,
      deviation: 20,
      threshold: 52,
    });
  });

  it("success rate: the one below the threshold is ejected at the interval, not before", () => {
    const { detector: outliers, log } = detector({ consecutiveErrors: 1_000 }, 5);
    for (let slot = 0; slot < 5; slot++) {
      for (let at = 0; at < 100; at++) outliers.finished(slot, 1, slot === 4 && at % 2 === 0);
    }
    outliers.tick(9_999);
    expect(log).toEqual([]);
    outliers.tick(10_000);
    expect(log).toEqual(["4 until 40000"]);
  });

  it("success rate: under 5 hosts of 100 requests nothing is ejected", () => {
    const { detector: outliers, log } = detector({ consecutiveErrors: 1_000 }, 5);
    for (let slot = 0; slot < 5; slot++) {
      const requests = slot === 0 ? 99 : 100;
      for (let at = 0; at < requests; at++) outliers.finished(slot, 1, slot === 4);
    }
    outliers.tick(10_000);
    expect(log).toEqual([]);
  });

  it("5 consecutive errors eject for 30 s × the number of ejections in a row, at most 300 s", () => {
    const { detector: outliers, log } = detector({}, 10);
    let nowMs = 0;
    for (let round = 1; round <= 12; round++) {
      for (let error = 0; error < 4; error++) outliers.finished(3, nowMs, true);
      expect(outliers.ejectedUntilMs(3)).toBe(-1);
      outliers.finished(3, nowMs, true);
      const lengthMs = Math.min(30_000 * round, 300_000);
      expect(outliers.ejectedUntilMs(3)).toBe(nowMs + lengthMs);
      // One interval has always passed by then; in service only from its end on.
      nowMs += lengthMs;
      outliers.tick(nowMs - 1);
      expect(outliers.ejectedUntilMs(3)).toBeGreaterThan(0);
      outliers.tick(nowMs);
      expect(log.at(-1)).toBe("3 back");
    }
  });

  it("each interval in service takes one from the multiplier", () => {
    const { detector: outliers } = detector({}, 10);
    const eject = (nowMs: number): number => {
      for (let error = 0; error < 5; error++) outliers.finished(0, nowMs, true);
      return outliers.ejectedUntilMs(0) - nowMs;
    };
    expect(eject(0)).toBe(30_000);
    outliers.tick(29_000);
    outliers.tick(30_000);
    expect(eject(30_000)).toBe(60_000);
    outliers.tick(89_000);
    outliers.tick(90_000);
    outliers.tick(100_000);
    outliers.tick(110_000);
    expect(eject(110_000)).toBe(30_000);
  });

  it("never more than maxEjectionPercent", () => {
    const { detector: outliers, log } = detector({ maxEjectionPercent: 10 }, 20);
    for (let slot = 0; slot < 20; slot++) {
      for (let error = 0; error < 9; error++) outliers.finished(slot, 0, true);
    }
    expect(log).toHaveLength(2);
  });

  it("failure percentage: at 85 % or more of 50 requests", () => {
    const options = {
      consecutiveErrors: 1_000,
      successRate: false,
      failurePercentage: {},
    } as const;
    const { detector: outliers, log } = detector({ ...options, maxEjectionPercent: 100 }, 5);
    for (let slot = 0; slot < 5; slot++) {
      for (let at = 0; at < 100; at++) outliers.finished(slot, 1, at < [0, 84, 85, 100, 0][slot]!);
    }
    outliers.tick(10_000);
    expect(log).toEqual(["2 until 40000", "3 until 40000"]);
  });
});

describe("phi accrual", () => {
  it("phi grows with silence, and is small as long as heartbeats come as usual", () => {
    const phi = new PhiAccrualDetector({ minDeviationMs: 10 });
    expect(phi.phi(5)).toBe(0);
    for (let at = 0; at <= 200; at++) phi.heartbeat(at * 100 + (at % 2) * 5);
    const values = [50, 100, 130, 160, 200, 300].map((ms) => phi.phi(20_000 + ms));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values[0]).toBeLessThan(0.01);
    expect(values[1]).toBeCloseTo(0.3, 1);
    expect(values[4]).toBeGreaterThan(8);
  });

  it("phi 1 is one in ten: 1.28 deviations above the mean (normal quantile)", () => {
    const phi = new PhiAccrualDetector({ minDeviationMs: 100, windowSize: 10 });
    for (let at = 0; at <= 20; at++) phi.heartbeat(at * 1_000);
    expect(phi.phi(20_000 + 1_000 + 128.2)).toBeCloseTo(1, 1);
  });
});

describe("retry budget", () => {
  it("a fifth of the requests, and the reserve; over 10 s", () => {
    const budget = new RetryBudget({ ratio: 0.2, minPerSecond: 0 });
    expect(budget.withdraw(0)).toBe(false);
    for (let at = 0; at < 10; at++) budget.request(at);
    expect([1, 2, 3].map(() => budget.withdraw(10))).toEqual([true, true, false]);
    expect(budget.withdraw(10_500)).toBe(false);
    const reserve = new RetryBudget({ ratio: 0, minPerSecond: 2, windowMs: 1_000 });
    expect([1, 2, 3].map(() => reserve.withdraw(0))).toEqual([true, true, false]);
    expect(reserve.withdraw(1_000)).toBe(true);
  });

  it("never more than ratio × requests + reserve in any window, whatever the calls", () => {
    const call = fc.record({ afterMs: fc.nat(400), retry: fc.boolean() });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
        const budget = new RetryBudget({ ratio: 0.5, minPerSecond: 1, windowMs: 1_000 });
        let nowMs = 0;
        let requests = 0;
        let retries = 0;
        for (const { afterMs, retry } of calls) {
          nowMs += afterMs;
          if (!retry) {
            requests++;
            budget.request(nowMs);
          } else if (budget.withdraw(nowMs)) retries++;
          expect(retries).toBeLessThanOrEqual(0.5 * requests + 1 + nowMs / 900);
        }
      }),
    );
  });
});

describe("circuit breaker", () => {
  it("closed, open after 3 failures, half-open with one trial, and by its result closed or open", () => {
    const breaker = new CircuitBreaker({ failures: 3, openMs: 100 });
    for (let failure = 0; failure < 3; failure++) {
      expect(breaker.state(0)).toBe("closed");
      breaker.finished(0, "failure", false);
    }
    expect([breaker.state(99), breaker.allows(99)]).toEqual(["open", false]);
    breaker.finished(50, "success", false);
    expect(breaker.state(99)).toBe("open");
    expect([breaker.state(100), breaker.allows(100)]).toEqual(["half-open", true]);
    breaker.started(100);
    expect(breaker.allows(100)).toBe(false);
    breaker.finished(110, "failure", true);
    expect([breaker.state(209), breaker.state(210)]).toEqual(["open", "half-open"]);
    breaker.started(210);
    breaker.finished(215, "cancelled", true);
    expect(breaker.allows(215)).toBe(true);
    breaker.started(215);
    breaker.finished(220, "success", true);
    expect([breaker.state(220), breaker.allows(220)]).toEqual(["closed", true]);
  });
});

describe("gradient2", () => {
  it("golden (Netflix): limit·g + 4 smoothed by 0.2; unchanged while under half of it is used", () => {
    const limit = new Gradient2({ initialLimit: 100, minLimit: 1, tolerance: 1 });
    limit.sample(10, 49);
    expect(limit.limit).toBe(100);
    limit.sample(10, 50);
    expect(limit.limit).toBe(100); // 100.8
    for (let at = 0; at < 50; at++) limit.sample(10, 200);
    expect(limit.limit).toBe(140);
  });

  it("shrinks when latency doubles, and stays within its bounds", () => {
    const limit = new Gradient2({ initialLimit: 100, minLimit: 10, maxLimit: 120 });
    for (let at = 0; at < 100; at++) limit.sample(10, 200);
    expect(limit.limit).toBe(120);
    for (let at = 0; at < 30; at++) limit.sample(100, 200);
    expect(limit.limit).toBeLessThan(40);
    expect(limit.limit).toBeGreaterThanOrEqual(10);
  });
});
