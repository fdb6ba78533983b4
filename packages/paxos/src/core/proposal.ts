import { type Ballot, compareBallots } from "./ballot.ts";

/** "A proposal consists of a proposal number and a value" (Paxos Made Simple, §2.2). */
export interface Proposal<V> {
  readonly ballot: Ballot;
  readonly value: V;
}

/**
 * Of what two acceptors have accepted, the one of the higher ballot; undefined stands for nothing
 * accepted. Folded over a quorum it is MaxVote of the Parliament, whose value B3 and P2c bind the next
 * ballot to: not the first that was heard of, and not the most frequent.
 */
export function higherProposal<V>(
  a: Proposal<V> | undefined,
  b: Proposal<V> | undefined,
): Proposal<V> | undefined {
  if (!a || !b) return a ?? b;
  return compareBallots(b.ballot, a.ballot) > 0 ? b : a;
}
