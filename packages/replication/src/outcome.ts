/**
 * How a proposal ended.
 *
 * - `committed`: it is in the log for good, and this is what the state machine answered.
 * - `rejected`: it is surely not in the log and never will be. It may be proposed again.
 * - `unknown`: it may be in the log, or get there later, or never. To propose it again may apply it
 *   twice, unless it is proposed in the same session with the same sequence number.
 */
export type Outcome<R = Uint8Array> = CommittedOutcome<R> | RejectedOutcome | UnknownOutcome;

export interface CommittedOutcome<R> {
  readonly kind: "committed";
  /** Where in the log it stands. */
  readonly index: number;
  readonly result: R;
}

export interface RejectedOutcome {
  readonly kind: "rejected";
  readonly reason: RejectionReason;
  /** Who leads, as far as this node knows; given with `not-leader`. */
  readonly leader?: string;
}

export interface UnknownOutcome {
  readonly kind: "unknown";
  readonly reason: UnknownReason;
}

/**
 * - `not-leader`: this node does not lead; ask `leader`.
 * - `overloaded`: the bound on what is under way is reached; try again later.
 * - `too-large`: the command is above the largest size.
 * - `superseded`: another leader's entry has taken its place in the log.
 * - `stopped`: the node has stopped, or had not started.
 * - `session-expired`: the session is not known any more. An *earlier* try of the same command may
 *   have been applied, so after a retry this says nothing of the earlier ones.
 */
export type RejectionReason =
  | "not-leader"
  | "overloaded"
  | "too-large"
  | "superseded"
  | "stopped"
  | "session-expired";

/**
 * - `timeout`: not committed within the time allowed.
 * - `aborted`: the caller's signal aborted.
 * - `leadership-lost`: this node stopped leading before the entry was committed.
 * - `snapshot`: the place in the log was passed by a snapshot from the new leader (raft.md, 22).
 * - `stopped`: the node stopped before the entry was committed.
 * - `connection-lost`: the connection to the node that was asked broke before its answer.
 */
export type UnknownReason =
  | "timeout"
  | "aborted"
  | "leadership-lost"
  | "snapshot"
  | "stopped"
  | "connection-lost";
