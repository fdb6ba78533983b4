import type { Random } from "@quorate/runtime";
import { LoadBalancerError } from "../load-balancer-error.ts";
import { BufferedRandom } from "./buffered-random.ts";
import type { Fleet } from "./fleet.ts";
import { Adaptive, type AdaptiveOptions } from "./policies/adaptive.ts";
import { Hashing } from "./policies/hashing.ts";
import { LeastRequests, TwoChoices } from "./policies/least-requests.ts";
import { LeastResponseTime } from "./policies/least-response-time.ts";
import { PeakEwma } from "./policies/peak-ewma.ts";
import { Prequal, type PrequalOptions } from "./policies/prequal.ts";
import { RandomPolicy, WeightedRandom } from "./policies/random.ts";
import { RoundRobin } from "./policies/round-robin.ts";
import { SmoothWeightedRoundRobin } from "./policies/smooth-weighted-round-robin.ts";
import type { Policy } from "./policy.ts";

/** Of policies that follow latency. */
export interface LatencyPolicyOptions {
  /** After this time a measurement weighs 1/e of what it did, milliseconds. @default 10000 */
  readonly decayMs?: number;
  /**
   * What a failure counts as: so many times its latency or the fleet's mean, whichever is greater.
   * From 1. @default 10
   */
  readonly failurePenalty?: number;
}

/** Of policies that count requests in flight. */
export interface LeastRequestsOptions {
  /**
   * Exponent of the requests in flight: 0 goes by weights only, more than 1 shuns busy endpoints.
   * @default 1
   */
  readonly bias?: number;
}

/** The policies, by name; see each one's class for what it does and its source. */
export type PolicyOptions =
  | ({ readonly kind: "adaptive" } & AdaptiveOptions)
  | { readonly kind: "round-robin" }
  | { readonly kind: "weighted-round-robin" }
  | { readonly kind: "random" }
  | { readonly kind: "weighted-random" }
  | ({ readonly kind: "least-requests" } & LeastRequestsOptions)
  | ({ readonly kind: "two-choices" } & LeastRequestsOptions)
  | ({ readonly kind: "peak-ewma" } & LatencyPolicyOptions)
  | ({ readonly kind: "least-response-time" } & LatencyPolicyOptions)
  | ({ readonly kind: "prequal" } & PrequalOptions)
  | { readonly kind: "ring-hash" }
  | { readonly kind: "maglev" }
  | {
      readonly kind: "bounded-load";
      /** Most requests in flight at one, relative to its share of all. Above 1. @default 1.25 */
      readonly loadFactor?: number;
    };

export type PolicyName = PolicyOptions["kind"];

/** All names, the default first. */
export const POLICY_NAMES: readonly PolicyName[] = [
  "adaptive",
  "round-robin",
  "weighted-round-robin",
  "random",
  "weighted-random",
  "least-requests",
  "two-choices",
  "peak-ewma",
  "least-response-time",
  "prequal",
  "ring-hash",
  "maglev",
  "bounded-load",
];

const DECAY_MS = 10_000;
const FAILURE_PENALTY = 10;

/** @throws {LoadBalancerError} `invalid-option` */
export function createPolicy(options: PolicyOptions, fleet: Fleet, source: Random): Policy {
  checkNumbers(options);
  const random = new BufferedRandom(source);
  switch (options.kind) {
    case "adaptive":
      return new Adaptive(fleet, random, options);
    case "round-robin":
      return new RoundRobin();
    case "weighted-round-robin":
      return new SmoothWeightedRoundRobin(fleet);
    case "random":
      return new RandomPolicy(random);
    case "weighted-random":
      return new WeightedRandom(fleet, random);
    case "least-requests":
      return new LeastRequests(fleet, random, options.bias ?? 1);
    case "two-choices":
      return new TwoChoices(fleet, random, options.bias ?? 1);
    case "peak-ewma": {
      const { decayMs = DECAY_MS, failurePenalty = FAILURE_PENALTY } = options;
      return new PeakEwma(fleet, random, decayMs, failurePenalty);
    }
    case "least-response-time": {
      const { decayMs = DECAY_MS, failurePenalty = FAILURE_PENALTY } = options;
      return new LeastResponseTime(fleet, random, decayMs, failurePenalty);
    }
    case "prequal":
      return new Prequal(fleet, random, options);
    case "ring-hash":
      return new Hashing(fleet, random, "ring");
    case "maglev":
      return new Hashing(fleet, random, "maglev");
    case "bounded-load":
      return new Hashing(fleet, random, "ring", options.loadFactor ?? 1.25);
    default:
      throw new LoadBalancerError(
        "invalid-option",
        `there is no policy ${JSON.stringify(options)}`,
      );
  }
}

/** By option: from where, whether that value is allowed itself, and up to where. */
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  decayMs: [1, 3_600_000],
  forgetMs: [1, 3_600_000],
  failurePenalty: [1, 1e6],
  bias: [0, 10],
  loadFactor: [1.000_001, 1e6],
  probesPerPick: [0.01, 100],
  removalsPerPick: [0, 100],
  poolSize: [2, 1_024],
  maxAgeMs: [1, 3_600_000],
  hotQuantile: [0, 1],
  delta: [0, 1e3],
};

function checkNumbers(options: PolicyOptions): void {
  for (const [name, value] of Object.entries(options)) {
    const range = RANGES[name];
    if (range === undefined) continue;
    if (typeof value !== "number" || !(value >= range[0] && value <= range[1])) {
      throw new LoadBalancerError(
        "invalid-option",
        `policy.${name} must be from ${range[0]} to ${range[1]}, not ${value}`,
      );
    }
  }
}
