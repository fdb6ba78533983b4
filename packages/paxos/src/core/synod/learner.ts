import { AcceptCount } from "../accept-count.ts";
import { compareBallots, isSameBallot } from "../ballot.ts";
import type { Outbox } from "../outbox.ts";
import type { Proposal } from "../proposal.ts";
import type { QuorumSystem } from "../quorum/quorum-system.ts";
import type { FreeMessage, PromisingMessage } from "./message.ts";

/** What is known to be accepted in one ballot. */
interface Heard<V> {
  readonly value: V;
  readonly count: AcceptCount;
}

/** What a learner is made of. */
export interface LearnerParts<V> {
  readonly quorums: QuorumSystem;
  readonly outbox: Outbox<FreeMessage<V>, PromisingMessage<V>>;
  /** Milliseconds until it asks the acceptors; doubled each time, up to 16 times this. */
  readonly retransmitMs: number;
}

/**
 * Ballots whose acceptances a learner counts; of more, the lowest is forgotten. That may delay what it
 * learns, to the next ballot, and makes nothing wrong.
 */
const MAX_BALLOTS = 16;
const MAX_PAUSE_FACTOR = 16;

/**
 * Finds out which value is chosen, by counting acceptances. It asks for them, since each may be lost.
 * When too many acceptors are silent it may be that only a new proposal can tell (Paxos Made Simple,
 * §2.3).
 */
export class Learner<V> {
  readonly #parts: LearnerParts<V>;
  #heard: Heard<V>[] = [];
  #chosen: { readonly value: V } | undefined;
  #pauseMs: number;
  #remainingMs: number;

  constructor(parts: LearnerParts<V>) {
    this.#parts = parts;
    this.#pauseMs = parts.retransmitMs;
    this.#remainingMs = parts.retransmitMs;
  }

  /** Undefined until it is known. Never changes then. */
  get chosen(): { readonly value: V } | undefined {
    return this.#chosen;
  }

  /** An acceptor says that it has accepted this. */
  accepted(from: string, proposal: Proposal<V>): void {
    if (this.#chosen) return;
    const { count, value } = this.#ballotOf(proposal);
    count.add(from, proposal.ballot);
    if (count.isQuorum) this.choose(value);
  }

  /** Somebody who knows says that this is chosen. */
  choose(value: V): void {
    this.#chosen ??= { value };
    this.#heard = [];
  }

  tick(elapsedMs: number): void {
    this.#remainingMs -= elapsedMs;
    if (this.#chosen || this.#remainingMs > 0) return;
    const { quorums, outbox, retransmitMs } = this.#parts;
    for (const node of quorums.nodes) outbox.send(node, { type: "learn" });
    this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_FACTOR * retransmitMs);
    this.#remainingMs = this.#pauseMs;
  }

  #ballotOf({ ballot, value }: Proposal<V>): Heard<V> {
    const known = this.#heard.find(({ count }) => isSameBallot(count.ballot, ballot));
    if (known) return known;
    const heard = { value, count: new AcceptCount(this.#parts.quorums, ballot) };
    this.#heard.push(heard);
    this.#heard.sort((a, b) => compareBallots(b.count.ballot, a.count.ballot));
    this.#heard.length = Math.min(this.#heard.length, MAX_BALLOTS);
    return heard;
  }
}
