import type { Endpoint } from "./endpoint.ts";

/**
 * What changed at one endpoint.
 *
 * - `added`, `removed` (its last request is done), `draining` (it left the snapshot).
 * - `unhealthy`, `healthy`: active checks passed their threshold.
 * - `ejected`, `readmitted`: outlier detection.
 * - `circuit-open`, `circuit-half-open`, `circuit-closed`: its circuit breaker.
 */
export type HealthEventType =
  | "added"
  | "draining"
  | "removed"
  | "unhealthy"
  | "healthy"
  | "ejected"
  | "readmitted"
  | "circuit-open"
  | "circuit-half-open"
  | "circuit-closed";

/** One change, told at once and in order. For alerts: `onChange(send)`. */
export interface HealthEvent {
  readonly type: HealthEventType;
  readonly endpoint: Endpoint;
  /** By the balancer's monotonic clock. */
  readonly atMs: number;
  /** Why, in words: "5 consecutive errors". */
  readonly reason: string;
}
