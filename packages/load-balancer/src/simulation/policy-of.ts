import { createPolicy, type PolicyOptions } from "../core/policy-options.ts";
import type { MakePolicy } from "../core/policy.ts";

/** For each client a policy of its own, as a balancer with these options would have it. */
export function policyOf(options: PolicyOptions): MakePolicy {
  return (fleet, random) => createPolicy(options, fleet, random);
}
