import { type Clock, type Random, systemClock, systemRandom } from "@quorate/runtime";
import { DrivenLoadBalancer } from "./driven-load-balancer.ts";
import type { LoadBalancer } from "./load-balancer.ts";
import { LoadBalancerError } from "./load-balancer-error.ts";
import { type LoadBalancerOptions, validated } from "./options.ts";
import type { Probe } from "./probes.ts";

/** What a balancer needs from outside; each has a default. */
export interface LoadBalancerDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
  /** @default systemRandom */
  readonly random?: Random;
  /** Needed by policy `prequal`, and used by no other. */
  readonly probe?: Probe;
}

/** @throws {LoadBalancerError} `invalid-option` */
export function createLoadBalancer(
  options: LoadBalancerOptions,
  dependencies: LoadBalancerDependencies = {},
): LoadBalancer {
  const checked = validated(options);
  if (checked.policy.kind === "prequal" && dependencies.probe === undefined) {
    throw new LoadBalancerError("invalid-option", "policy prequal needs a probe");
  }
  return new DrivenLoadBalancer(checked, {
    clock: dependencies.clock ?? systemClock,
    random: dependencies.random ?? systemRandom,
    probe: dependencies.probe,
  });
}
