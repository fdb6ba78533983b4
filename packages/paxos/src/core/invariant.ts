import { PaxosError } from "../paxos-error.ts";

/**
 * Throws where an invariant of the algorithm is broken: whatever happens next could only make it
 * worse, so the node stops at the transition that would have broken it.
 */
export function invariant(holds: unknown, message: string): asserts holds {
  if (!holds) throw new PaxosError("invariant-broken", message);
}
