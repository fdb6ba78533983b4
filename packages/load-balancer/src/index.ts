/**
 * A load balancer inside the client: it picks an endpoint for each request, and learns from how the
 * requests end.
 *
 * @example
 * ```ts
 * import { createLoadBalancer } from "@quorate/load-balancer";
 *
 * const balancer = createLoadBalancer({
 *   endpoints: [
 *     { id: "a", host: "10.0.0.1", port: 8080 },
 *     { id: "b", host: "10.0.0.2", port: 8080 },
 *   ],
 * });
 * const pick = balancer.pick();
 * console.log(`to ${pick.endpoint.host}`);
 * pick.done({ kind: "success" });
 * ```
 *
 * @packageDocumentation
 */
export { createLoadBalancer, type LoadBalancerDependencies } from "./create-load-balancer.ts";
export type { AttemptControl } from "./attempt-control.ts";
export type { AcquireOptions, Attempt, ExecuteOptions, LoadBalancer } from "./load-balancer.ts";
export type { Endpoint, EndpointState, EndpointStatus } from "./endpoint.ts";
export { CANCELLED, type Outcome, SUCCESS } from "./outcome.ts";
export type { Pick, PickContext } from "./pick.ts";
export type { HealthEvent, HealthEventType } from "./health-event.ts";
export type { BalancerMetrics, DurationSummary, EndpointMetrics } from "./balancer-metrics.ts";
export type {
  ConcurrencyOptions,
  HedgeOptions,
  LoadBalancerOptions,
  PendingOptions,
  RetryOptions,
} from "./options.ts";
export type {
  LatencyPolicyOptions,
  LeastRequestsOptions,
  PolicyName,
  PolicyOptions,
} from "./core/policy-options.ts";
export type { AdaptiveOptions } from "./core/policies/adaptive.ts";
export type { PrequalOptions } from "./core/policies/prequal.ts";
export type { Probe, ProbeAnswer } from "./probes.ts";
export type { SlowStartOptions } from "./core/slow-start.ts";
export type { CircuitBreakerOptions, CircuitState } from "./core/circuit-breaker.ts";
export type { Gradient2Options } from "./core/gradient2.ts";
export type { RetryBudgetOptions } from "./core/retry-budget.ts";
export type {
  FailurePercentageOptions,
  OutlierOptions,
  RateOptions,
} from "./core/outlier-detector.ts";
export { PhiAccrualDetector, type PhiAccrualOptions } from "./core/phi-accrual.ts";
export type { HealthCheck, HealthCheckOptions } from "./health/health-check.ts";
export { tcpCheck } from "./health/tcp-check.ts";
export { httpCheck, type HttpCheckOptions } from "./health/http-check.ts";
export { LoadBalancerError, type LoadBalancerErrorCode } from "./load-balancer-error.ts";
