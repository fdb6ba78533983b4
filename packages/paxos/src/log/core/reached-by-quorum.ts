import { AcceptCount } from "../../core/accept-count.ts";
import type { Ballot } from "../../core/ballot.ts";
import type { Configuration, Life } from "./configuration.ts";

/** How far a node has come in a leader's ballot. */
export interface Reached {
  readonly node: string;
  /** Unknown of one who has not answered; then nothing counts. */
  readonly life: Life | undefined;
  readonly value: number;
}

/**
 * The largest value that a phase-2 quorum has reached: of slots that are accepted in their order, one
 * count answers for all. Below 0 when no quorum has answered.
 */
export function reachedByQuorum(
  configuration: Configuration,
  ballot: Ballot,
  reached: readonly Reached[],
): number {
  const count = new AcceptCount(configuration.quorums, ballot);
  for (const { node, life, value } of reached.toSorted((a, b) => b.value - a.value)) {
    if (!life || !configuration.admits(node, life)) continue;
    count.add(node, ballot);
    if (count.isQuorum) return value;
  }
  return -1;
}
