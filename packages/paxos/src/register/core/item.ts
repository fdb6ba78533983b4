import type { Ballot } from "../../core/ballot.ts";
import type { Proposal } from "../../core/proposal.ts";
import type { Cell } from "./cell.ts";

/*
 * What nodes say to each other, about one key each. `id` names what a proposer has under way; it is
 * drawn from so many numbers that a later life of the node does not use it again.
 */

/** Phase 1a. */
export interface Prepare {
  readonly type: "prepare";
  readonly id: number;
  readonly key: string;
  readonly ballot: Ballot;
}

/** Phase 2a; with `next`, asks for the promise of that ballot as well (CASPaxos, §2.2.1). */
export interface Accept {
  readonly type: "accept";
  readonly id: number;
  readonly key: string;
  readonly proposal: Proposal<Cell>;
  readonly next: Ballot | undefined;
}

/** What have you accepted? Asks for no promise, and costs no write. */
export interface Query {
  readonly type: "query";
  readonly id: number;
  readonly key: string;
}

/** Forget the key if what it holds is still this ballot's, and nothing. */
export interface Forget {
  readonly type: "forget";
  readonly id: number;
  readonly key: string;
  readonly ballot: Ballot;
}

/** Phase 1b. */
export interface Promised {
  readonly type: "promise";
  readonly id: number;
  readonly ballot: Ballot;
  readonly accepted: Proposal<Cell> | undefined;
  /** The highest round of what this acceptor has forgotten. */
  readonly forgotten: number;
}

/** Phase 2b; `promisedNext`: and the ballot that was asked for as well is promised. */
export interface Accepted {
  readonly type: "accepted";
  readonly id: number;
  readonly ballot: Ballot;
  readonly promisedNext: boolean;
}

/** The answer to a query. */
export interface Answer {
  readonly type: "answer";
  readonly id: number;
  readonly accepted: Proposal<Cell> | undefined;
}

/** It is forgotten, durably; or it is not, since another ballot has come. */
export interface Forgotten {
  readonly type: "forgotten";
  readonly id: number;
  readonly ballot: Ballot;
}

/** No to what was asked in `ballot`: a higher one is promised. */
export interface Nack {
  readonly type: "nack";
  readonly id: number;
  readonly ballot: Ballot;
  readonly promised: Ballot;
}

export type Request = Prepare | Accept | Query | Forget;
/** What may be sent only by whoever shows that it was persisted. */
export type PromisingReply = Promised | Accepted | Answer | Forgotten;
export type Reply = PromisingReply | Nack;
export type Item = Request | Reply;
