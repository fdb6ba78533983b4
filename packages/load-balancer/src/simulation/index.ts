/**
 * A queueing simulation in which to try a policy on a fleet of your own: many clients, each with what
 * it knows itself, and servers with queues; beside an oracle that knows everything.
 *
 * @example
 * ```ts
 * import { policyOf, SCENARIOS, simulate } from "@quorate/load-balancer/simulation";
 *
 * const [homogeneous] = SCENARIOS;
 * const { p99Ms } = simulate(homogeneous(1), policyOf({ kind: "adaptive" }), { seed: 1 });
 * const oracle = simulate(homogeneous(1), "oracle", { seed: 1 });
 * console.log(`${(p99Ms / oracle.p99Ms).toFixed(2)} times the oracle's p99`);
 * ```
 *
 * @packageDocumentation
 */
export type { FailureSpan, Scenario, ServerPlan, SpeedChange } from "./scenario.ts";
export { policyOf } from "./policy-of.ts";
export { type MakeScenario, SCENARIOS } from "./scenarios.ts";
export type { MakePolicy } from "../core/policy.ts";
export { simulate, type SimulateOptions, type SimulationResult } from "./simulate.ts";
