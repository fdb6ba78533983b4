import { type Ballot, compareBallots, isSameBallot, NO_BALLOT } from "./ballot.ts";
import type { Proposal } from "./proposal.ts";

/**
 * All that an acceptor remembers, and must remember "even if it fails and then restarts" (Paxos Made
 * Simple, §2.2): nextBal and prevVote of the Parliament.
 */
export interface AcceptorState<V> {
  /** It answers nothing of a lower ballot. */
  readonly promised: Ballot;
  /** What it accepted last, never of a higher ballot than `promised`. */
  readonly accepted: Proposal<V> | undefined;
}

/** Of an acceptor that has not been asked for anything. */
export const UNTOUCHED: AcceptorState<never> = { promised: NO_BALLOT, accepted: undefined };

/**
 * Phase 1b: promises to accept nothing of a lower ballot any more. Undefined when it has promised a
 * higher one; then `state.promised` is what to tell the proposer.
 *
 * A prepare that comes twice is promised twice, and changes nothing: the same `state` comes back.
 */
export function promise<V>(state: AcceptorState<V>, ballot: Ballot): AcceptorState<V> | undefined {
  const order = compareBallots(ballot, state.promised);
  if (order < 0) return undefined;
  return order === 0 ? state : { promised: ballot, accepted: state.accepted };
}

/**
 * Phase 2b, P1a: accepts "iff it has not responded to a prepare request having a number greater".
 * Whoever accepts has promised, too: else it could accept a lower ballot afterwards, and forget this one.
 *
 * An accept that comes twice is accepted twice, and changes nothing: the same `state` comes back.
 */
export function accept<V>(
  state: AcceptorState<V>,
  proposal: Proposal<V>,
): AcceptorState<V> | undefined {
  if (compareBallots(proposal.ballot, state.promised) < 0) return undefined;
  const isRepeated = state.accepted && isSameBallot(state.accepted.ballot, proposal.ballot);
  return isRepeated ? state : { promised: proposal.ballot, accepted: proposal };
}
