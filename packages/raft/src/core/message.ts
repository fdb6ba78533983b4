import type { Entry, LogPosition } from "@quorate/replication/driver";

/*
 * The messages of "In Search of an Understandable Consensus Algorithm" (Ongaro and Ousterhout,
 * extended version, 2014), figure 2, with pre-vote and read rounds of Ongaro's dissertation. `term` is the
 * sender's current term, except in a pre-vote, where it is the term that it would campaign in.
 */

/** §9.6 of the dissertation: would you vote for me? Changes nothing at either side. */
export interface PreVoteRequest {
  readonly type: "pre-vote-request";
  readonly term: number;
  readonly last: LogPosition;
}

export interface PreVoteReply {
  readonly type: "pre-vote-reply";
  /** The term asked for when granted, else the voter's own. */
  readonly term: number;
  readonly granted: boolean;
}

/** RequestVote, §5.2. Promises that the candidate's term and its vote for itself are durable. */
export interface VoteRequest {
  readonly type: "vote-request";
  readonly term: number;
  readonly last: LogPosition;
}

/** Promises that the voter votes for nobody else in this term. */
export interface VoteGranted {
  readonly type: "vote-granted";
  readonly term: number;
}

export interface VoteDenied {
  readonly type: "vote-denied";
  readonly term: number;
}

/** AppendEntries, §5.3; without entries it is a probe, and checked all the same. */
export interface AppendRequest {
  readonly type: "append-request";
  readonly term: number;
  readonly previous: LogPosition;
  readonly commitIndex: number;
  readonly entries: readonly Entry[];
}

/** Promises that the follower's log equals the leader's up to `matchIndex`, durably. */
export interface AppendAccepted {
  readonly type: "append-accepted";
  readonly term: number;
  readonly matchIndex: number;
}

/** The follower has no entry, or another one, at `previousIndex`. */
export interface AppendRejected {
  readonly type: "append-rejected";
  readonly term: number;
  readonly previousIndex: number;
  /** The last place at or before `previousIndex` where the logs may still agree (§5.3, last part). */
  readonly hint: LogPosition;
}

/** Keeps followers from campaigning, and asks in `readRound` whether they still follow (§6.4). */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly term: number;
  readonly commitIndex: number;
  readonly readRound: number;
}

export interface HeartbeatReply {
  readonly type: "heartbeat-reply";
  readonly term: number;
  readonly readRound: number;
}

/**
 * InstallSnapshot, §7. Not sent as a message: the state travels as a stream of its own, and the driver
 * hands this to the core when all of it has come and is durable.
 */
export interface InstallSnapshot {
  readonly type: "install-snapshot";
  readonly term: number;
  readonly last: LogPosition;
}

/** What may be sent at once: it promises nothing that a crash could take back. */
export type FreeMessage =
  | PreVoteRequest
  | PreVoteReply
  | VoteDenied
  | AppendRequest
  | AppendRejected
  | Heartbeat
  | HeartbeatReply;

/** What may be sent only by whoever shows that it was persisted. */
export type PromisingMessage = VoteRequest | VoteGranted | AppendAccepted;

export type Message = FreeMessage | PromisingMessage;

/** What a core is given from another node. */
export type Received = Message | InstallSnapshot;
