import type { Endpoint } from "../endpoint.ts";

/**
 * Resolves when the endpoint is healthy, rejects with the reason when not. The signal aborts when its
 * time is up, or the endpoint has left: whoever goes on is not waited for, and has failed.
 */
export type HealthCheck = (endpoint: Endpoint, signal: AbortSignal) => Promise<void>;

/** How endpoints are checked actively. */
export interface HealthCheckOptions {
  /** `tcpCheck()`, `httpCheck()`, or your own. */
  readonly check: HealthCheck;
  /** From the end of one check to the next. @default 5000 */
  readonly intervalMs?: number;
  /** A check that takes longer has failed, whether it minds its signal or not. @default 1000 */
  readonly timeoutMs?: number;
  /** So much of the interval is added at random, so that clients do not check in step. @default 20 */
  readonly jitterPercent?: number;
  /** Failures in a row until it is unhealthy. From 1. @default 3 */
  readonly unhealthyThreshold?: number;
  /** Successes in a row until it is healthy again. From 1. @default 2 */
  readonly healthyThreshold?: number;
}
