import { describe, expect, it } from "vitest";
import {
  createLoadBalancer,
  type LoadBalancerOptions,
  type LoadBalancerErrorCode,
} from "../src/index.ts";

const check = async (): Promise<void> => undefined;

/** Each just beyond its range, with what the message must name. */
const BAD: readonly (readonly [string, Partial<LoadBalancerOptions>])[] = [
  ["panicThresholdPercent", { panicThresholdPercent: 101 }],
  ["overprovisioningFactor", { overprovisioningFactor: 0.9 }],
  ["slowStart.windowMs", { slowStart: { windowMs: 0 } }],
  ["healthCheck.jitterPercent", { healthCheck: { check, jitterPercent: -1 } }],
  ["healthCheck.unhealthyThreshold", { healthCheck: { check, unhealthyThreshold: 0 } }],
  ["outlierDetection.consecutiveErrors", { outlierDetection: { consecutiveErrors: 0 } }],
  ["outlierDetection.intervalMs", { outlierDetection: { intervalMs: Number.NaN } }],
  [
    "outlierDetection.successRate.minimumHosts",
    { outlierDetection: { successRate: { minimumHosts: 0 } } },
  ],
  ["circuitBreaker.failures", { circuitBreaker: { failures: 0 } }],
  ["retry.maxAttempts", { retry: { maxAttempts: 0 } }],
  ["retry.budget.minPerSecond", { retry: { budget: { minPerSecond: -1 } } }],
  ["hedge.percentile", { hedge: { percentile: 100 } }],
  ["hedge.minDelayMs", { hedge: { minDelayMs: -1 } }],
  ["concurrency.limit", { concurrency: { limit: 0 } }],
  ["concurrency.adaptive.tolerance", { concurrency: { adaptive: { tolerance: 0.5 } } }],
  ["pending.max", { pending: { max: Infinity } }],
  ["shedAbove", { shedAbove: [1, 1.1] }],
  ["policy.bias", { policy: { kind: "least-requests", bias: -1 } }],
];

describe("options", () => {
  it.each(BAD)("%s beyond its range: invalid-option, and the message names it", (name, options) => {
    const code: LoadBalancerErrorCode = "invalid-option";
    expect(() => createLoadBalancer({ endpoints: [], ...options })).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(`${name} must be`) }),
    );
  });

  it("what is switched off, or on by its defaults alone, is fine", () => {
    const off = { outlierDetection: false } as const;
    const on = {
      outlierDetection: { successRate: false, failurePercentage: {} },
      hedge: {},
    } as const;
    for (const options of [off, on]) {
      expect(createLoadBalancer({ endpoints: [], ...options }).explain()).toEqual([
        "there is no endpoint",
      ]);
    }
  });

  it("no policy of that name", () => {
    const options = { endpoints: [], policy: "best" } as unknown as LoadBalancerOptions;
    expect(() => createLoadBalancer(options)).toThrow("there is no policy best");
  });
});
