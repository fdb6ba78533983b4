import type { Endpoint } from "../endpoint.ts";
import type { CircuitBreaker, CircuitState } from "./circuit-breaker.ts";
import { slowStartFactor, type SlowStartOptions } from "./slow-start.ts";

/** An endpoint of the fleet, with what is known of its service. */
export interface Member {
  endpoint: Endpoint;
  draining: boolean;
  checkedHealthy: boolean;
  /** When it last came into service: slow start counts from here. */
  servingSinceMs: number;
  readonly breaker: CircuitBreaker | undefined;
  /** As it was last told of. */
  circuit: CircuitState;
}

/** Whether its circuit lets one more request pass. */
export function isUsable({ breaker }: Member, nowMs: number): boolean {
  return breaker?.allows(nowMs) ?? true;
}

/** What slow start leaves of its weight now. */
export function weightInForce(
  { endpoint, servingSinceMs }: Member,
  slowStart: SlowStartOptions,
  nowMs: number,
): number {
  return (endpoint.weight ?? 1) * slowStartFactor(slowStart, nowMs - servingSinceMs);
}
