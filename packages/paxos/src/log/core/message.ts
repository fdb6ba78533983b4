import type { Entry } from "@quorate/replication/driver";
import type { Ballot } from "../../core/ballot.ts";
import type { Life } from "./configuration.ts";
import type { DecidedConfiguration } from "./configurations.ts";
import type { AcceptedSlot } from "./slot-log.ts";

/*
 * The messages of "Paxos Made Simple" (Lamport, 2001), §2.2 and §3, for "infinitely many instances" at
 * once, with those that a leader needs to be found, to be kept and to answer reads.
 */

/** Would you promise a ballot of this round? Changes nothing at either side. */
export interface Canvass {
  readonly type: "canvass";
  readonly round: number;
  /** Up to where the sender knows what is decided. */
  readonly decided: number;
}

export interface CanvassReply {
  readonly type: "canvass-reply";
  /** That of the question. */
  readonly round: number;
  readonly granted: boolean;
  readonly promised: Ballot;
  readonly life: Life;
}

/** Phase 1a, for all slots from `from` on. Asked again from further on, it asks for the next chunk. */
export interface Prepare {
  readonly type: "prepare";
  readonly ballot: Ballot;
  readonly from: number;
}

/** Phase 1b: the promise, for all slots, and a chunk of what was accepted from `from` on. */
export interface Promised {
  readonly type: "promise";
  readonly ballot: Ballot;
  readonly life: Life;
  readonly from: number;
  /** Where the next chunk begins; 0 when this is the last. */
  readonly next: number;
  readonly accepted: readonly AcceptedSlot[];
}

/** No promise: the slots that are asked for are decided, and their entries are in a snapshot. */
export interface Trimmed {
  readonly type: "trimmed";
  readonly ballot: Ballot;
  readonly base: number;
}

/** No to whatever came with `ballot`: a higher one is promised, or another of the same round. */
export interface Nack {
  readonly type: "nack";
  readonly ballot: Ballot;
  readonly promised: Ballot;
}

/** Phase 2a, for the slots from `first` on. The slots up to `decided` are decided. */
export interface Accept {
  readonly type: "accept";
  readonly ballot: Ballot;
  readonly first: number;
  readonly entries: readonly Entry[];
  readonly decided: number;
}

/** Phase 2b: every slot up to `match` is accepted in this ballot, or known to be decided. */
export interface Accepted {
  readonly type: "accepted";
  readonly ballot: Ballot;
  readonly life: Life;
  readonly match: number;
}

/** Something between `match` and `first` of an accept has not come. */
export interface Missing {
  readonly type: "missing";
  readonly ballot: Ballot;
  readonly life: Life;
  readonly first: number;
  readonly match: number;
}

/** Keeps others from canvassing, tells what is decided, and asks whether they still follow. */
export interface Heartbeat {
  readonly type: "heartbeat";
  readonly ballot: Ballot;
  readonly decided: number;
  readonly readRound: number;
}

export interface HeartbeatReply {
  readonly type: "heartbeat-reply";
  readonly ballot: Ballot;
  readonly life: Life;
  readonly decided: number;
  readonly readRound: number;
}

/** All configurations that were decided up to the slot `upTo`: before a snapshot, which has none. */
export interface KnownConfigurations {
  readonly type: "configurations";
  readonly upTo: number;
  readonly configurations: readonly DecidedConfiguration[];
}

/** [Success] of the Parliament: what is decided, for one that asks others before it knows. */
export interface Chosen {
  readonly type: "chosen";
  /** Slot by slot, without a gap. */
  readonly decided: readonly AcceptedSlot[];
}

/** To itself: the configurations that were decided up to `upTo` are on its disk. */
export interface Recorded {
  readonly type: "recorded";
  readonly upTo: number;
}

export type OfLeader = Accept | Heartbeat;

/** What may be sent at once: it promises nothing that a crash could take back. */
export type FreeMessage =
  | Canvass
  | CanvassReply
  | Prepare
  | Trimmed
  | Nack
  | OfLeader
  | KnownConfigurations
  | Chosen
  | Missing
  | HeartbeatReply;

/** What may be sent only by whoever shows that it was persisted. */
export type PromisingMessage = Promised | Accepted;

export type Message = FreeMessage | PromisingMessage;

/** What waits for the disk. */
export type Withheld = PromisingMessage | Recorded;
