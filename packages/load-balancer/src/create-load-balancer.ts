import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import { DrivenLoadBalancer } from "./driven-load-balancer.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import type { LoadBalancerOptions } from "./options.ts";

/** What a balancer needs from outside; each has a default. */
export interface LoadBalancerDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
}

/** @throws {LoadBalancerError} `invalid-option` */
export function createLoadBalancer(
  options: LoadBalancerOptions,
  dependencies: LoadBalancerDependencies = {},
): LoadBalancer {
  return new DrivenLoadBalancer(options, {
    clock: dependencies.clock ?? systemClock,
    random: dependencies.random ?? systemRandom,
  });
}
