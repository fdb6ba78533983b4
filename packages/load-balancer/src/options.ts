import type { CircuitBreakerOptions } from "./core/circuit-breaker.ts";
import type { Gradient2Options } from "./core/gradient2.ts";
import type { OutlierOptions } from "./core/outlier-detector.ts";
import { POLICY_NAMES, type PolicyName, type PolicyOptions } from "./core/policy-options.ts";
import type { RetryBudgetOptions } from "./core/retry-budget.ts";
import type { SlowStartOptions } from "./core/slow-start.ts";
import type { Endpoint } from "./endpoint.ts";
import type { HealthCheckOptions } from "./health/health-check.ts";
import { LoadBalancerError } from "./load-balancer-error.ts";

/** How often `execute` tries again, besides what the budget allows. */
export interface RetryOptions {
  /** Attempts at most, hedges counted; 1 is no retry. 1 to 100. @default 3 */
  readonly maxAttempts?: number;
  /** What retries and hedges may cost together. */
  readonly budget?: RetryBudgetOptions;
  /** Before the second retry and later ones: full jitter up to this, doubled each time. @default 25 */
  readonly backoffMs?: number;
}

/** When `execute` sends an idempotent request a second time, without waiting for a failure. */
export interface HedgeOptions {
  /** After this percentile of the latest latencies. Above 0, below 100. @default 95 */
  readonly percentile?: number;
  /** Never sooner. @default 1 */
  readonly minDelayMs?: number;
}

/** Most requests at once, over all endpoints. */
export type ConcurrencyOptions =
  | { readonly limit: number }
  | { readonly adaptive: Gradient2Options };

/** Where requests wait at the concurrency limit. */
export interface PendingOptions {
  /** One more is `overloaded`. From 0. @default 1000 */
  readonly max?: number;
  /** Then it is `deadline`. @default 1000 */
  readonly timeoutMs?: number;
}

/** How a balancer behaves. All fields but the endpoints are fixed once it is made. */
export interface LoadBalancerOptions {
  /** The fleet, or its snapshots over time; each replaces the one before. May be empty. */
  readonly endpoints: readonly Endpoint[] | AsyncIterable<readonly Endpoint[]>;
  /** How to choose among the healthy. @default "adaptive" */
  readonly policy?: PolicyName | PolicyOptions;
  /** New endpoints, and those that are back, get their share by and by. Off by default. */
  readonly slowStart?: SlowStartOptions;
  /** This client's own zone: its endpoints are preferred as far as they are healthy. */
  readonly localZone?: string;
  /** Below so many percent healthy, health is ignored; 0 is never. @default 50 */
  readonly panicThresholdPercent?: number;
  /** Healthy endpoints are taken to bear so many times their part, from 1. @default 1.4 */
  readonly overprovisioningFactor?: number;
  /** Active checks. Off by default. */
  readonly healthCheck?: HealthCheckOptions;
  /** Ejects outliers by the outcomes of requests. On by default, with Envoy's values. */
  readonly outlierDetection?: OutlierOptions | false;
  /** A circuit breaker for each endpoint. Off by default. */
  readonly circuitBreaker?: CircuitBreakerOptions;
  readonly retry?: RetryOptions;
  /** Off by default. */
  readonly hedge?: HedgeOptions;
  /** Off by default: no limit. */
  readonly concurrency?: ConcurrencyOptions;
  /** Only with `concurrency`. */
  readonly pending?: PendingOptions;
  /**
   * Load shedding: by the request's priority, the share of the concurrency limit above which it is
   * shed; a priority beyond the list counts as the last. Only with `concurrency`. Off by default.
   */
  readonly shedAbove?: readonly number[];
}

/** Of a request's priority when none is given. */
export const MOST_IMPORTANT = 0;

/** Options as the driver uses them. */
export type CheckedOptions = LoadBalancerOptions & { readonly policy: PolicyOptions };

const DAY_MS = 86_400_000;
const MANY = 1e9;

/** By option: from where to where, both included. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  panicThresholdPercent: [0, 100],
  overprovisioningFactor: [1, 100],
  "slowStart.windowMs": [1, DAY_MS],
  "slowStart.aggression": [0.01, 100],
  "slowStart.minWeightPercent": [0.1, 100],
  "healthCheck.intervalMs": [1, DAY_MS],
  "healthCheck.timeoutMs": [1, DAY_MS],
  "healthCheck.jitterPercent": [0, 1_000],
  "healthCheck.unhealthyThreshold": [1, MANY],
  "healthCheck.healthyThreshold": [1, MANY],
  "outlierDetection.consecutiveErrors": [1, MANY],
  "outlierDetection.intervalMs": [1, DAY_MS],
  "outlierDetection.baseEjectionMs": [1, DAY_MS],
  "outlierDetection.maxEjectionMs": [1, DAY_MS],
  "outlierDetection.maxEjectionPercent": [0, 100],
  "outlierDetection.successRate.stdevFactor": [0, 1e6],
  "outlierDetection.successRate.minimumHosts": [1, MANY],
  "outlierDetection.successRate.requestVolume": [1, MANY],
  "outlierDetection.failurePercentage.thresholdPercent": [0, 100],
  "outlierDetection.failurePercentage.minimumHosts": [1, MANY],
  "outlierDetection.failurePercentage.requestVolume": [1, MANY],
  "circuitBreaker.failures": [1, MANY],
  "circuitBreaker.openMs": [1, DAY_MS],
  "retry.maxAttempts": [1, 100],
  "retry.backoffMs": [0, DAY_MS],
  "retry.budget.ratio": [0, 10],
  "retry.budget.minPerSecond": [0, MANY],
  "retry.budget.windowMs": [10, DAY_MS],
  "hedge.percentile": [0.001, 99.999],
  "hedge.minDelayMs": [0, DAY_MS],
  "concurrency.limit": [1, MANY],
  "concurrency.adaptive.initialLimit": [1, MANY],
  "concurrency.adaptive.minLimit": [1, MANY],
  "concurrency.adaptive.maxLimit": [1, MANY],
  "concurrency.adaptive.queueSize": [0, MANY],
  "concurrency.adaptive.smoothing": [0.001, 1],
  "concurrency.adaptive.longWindow": [1, MANY],
  "concurrency.adaptive.tolerance": [1, 1_000],
  "pending.max": [0, MANY],
  "pending.timeoutMs": [0, DAY_MS],
};

/** Checks what the parts do not check themselves. @throws {LoadBalancerError} `invalid-option` */
export function validated(options: LoadBalancerOptions): CheckedOptions {
  const { policy = "adaptive", shedAbove = [] } = options;
  const kind = typeof policy === "string" ? policy : policy.kind;
  if (!POLICY_NAMES.includes(kind)) throw invalid(`there is no policy ${kind}`);
  for (const [path, [least, most]] of Object.entries(RANGES)) {
    range(path, at(options, path), least, most);
  }
  for (const share of shedAbove) range("shedAbove", share, 0, 1);
  return { ...options, policy: typeof policy === "string" ? named(policy) : policy };
}

/** @throws {LoadBalancerError} `invalid-option` */
export function validatedEndpoints(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const ids = new Set<string>();
  for (const { id, weight, priority } of endpoints) {
    if (ids.has(id)) throw invalid(`there are two endpoints of id ${JSON.stringify(id)}`);
    ids.add(id);
    if (typeof id !== "string" || id === "") throw invalid("an endpoint's id must be a string");
    if (weight !== undefined) range(`weight of ${id}`, weight, Number.MIN_VALUE, Number.MAX_VALUE);
    if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0)) {
      throw invalid(`priority of ${id} must be a whole number from 0, not ${priority}`);
    }
  }
  return endpoints;
}

function named(policy: PolicyName): PolicyOptions {
  return { kind: policy };
}

/** Undefined where a part of the path is missing, or switched off. */
function at(options: LoadBalancerOptions, path: string): unknown {
  let value: unknown = options;
  for (const key of path.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

function range(name: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  if (typeof value === "number" && value >= least && value <= most) return;
  throw invalid(`${name} must be from ${least} to ${most}, not ${JSON.stringify(value)}`);
}

function invalid(message: string): LoadBalancerError {
  return new LoadBalancerError("invalid-option", message);
}
