import type { Endpoint } from "./endpoint.ts";

/** How a balancer behaves. All fields but the endpoints are fixed once it is made. */
export interface LoadBalancerOptions {
  /** The fleet, or its snapshots over time; each replaces the one before. May be empty. */
  readonly endpoints: readonly Endpoint[] | AsyncIterable<readonly Endpoint[]>;
}
