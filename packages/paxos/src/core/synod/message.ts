import type { Ballot } from "../ballot.ts";
import type { Proposal } from "../proposal.ts";

/*
 * The messages of "Paxos Made Simple" (Lamport, 2001), §2.2 and §2.3; in brackets those of "The
 * Part-Time Parliament" (Lamport, 1998), §2.3.
 */

/** Phase 1a [NextBallot]: "a promise never again to accept a proposal numbered less than n", please. */
export interface Prepare {
  readonly type: "prepare";
  readonly ballot: Ballot;
}

/** Phase 1b [LastVote]: the promise, "with the highest-numbered proposal (if any)" accepted so far. */
export interface Promised<V> {
  readonly type: "promise";
  readonly ballot: Ballot;
  readonly accepted: Proposal<V> | undefined;
}

/** Phase 2a [BeginBallot]. */
export interface Accept<V> {
  readonly type: "accept";
  readonly proposal: Proposal<V>;
}

/** Phase 2b [Voted], to the proposer, and to every learner that asks. */
export interface Accepted<V> {
  readonly type: "accepted";
  readonly proposal: Proposal<V>;
}

/** No to a prepare or accept of `ballot`: a higher one is promised, and "should" be outbid (§2.2). */
export interface Nack {
  readonly type: "nack";
  readonly ballot: Ballot;
  readonly promised: Ballot;
}

/** §2.3: a learner asks what was accepted, since it may have missed it. */
export interface Learn {
  readonly type: "learn";
}

/** [Success]: whoever knows what is chosen tells it. */
export interface Chosen<V> {
  readonly type: "chosen";
  readonly value: V;
}

/** What may be sent at once: it promises nothing that a crash could take back. */
export type FreeMessage<V> = Prepare | Accept<V> | Nack | Learn | Chosen<V>;

/** What may be sent only by whoever shows that it was persisted. */
export type PromisingMessage<V> = Promised<V> | Accepted<V>;

export type Message<V> = FreeMessage<V> | PromisingMessage<V>;
