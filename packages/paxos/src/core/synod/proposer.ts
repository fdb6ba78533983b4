import { AcceptCount } from "../accept-count.ts";
import { type Ballot, compareBallots, isSameBallot } from "../ballot.ts";
import type { BallotSource } from "../ballot-source.ts";
import type { Outbox } from "../outbox.ts";
import { PromiseCount } from "../promise-count.ts";
import type { Proposal } from "../proposal.ts";
import type { QuorumSystem } from "../quorum/quorum-system.ts";
import type { Backoff } from "../backoff.ts";
import type { Accepted, FreeMessage, Nack, Promised, PromisingMessage } from "./message.ts";

/** What a proposer is made of. */
export interface ProposerParts<V> {
  readonly quorums: QuorumSystem;
  readonly ballots: BallotSource;
  readonly backoff: Backoff;
  readonly outbox: Outbox<FreeMessage<V>, PromisingMessage<V>>;
  /** Milliseconds after which it asks those again that have not answered. */
  readonly retransmitMs: number;
}

/** Where a proposer is: the steps of the Parliament's basic protocol, §2.3. */
type Phase<V> =
  | { readonly name: "idle" }
  | { readonly name: "prepare"; readonly promises: PromiseCount<V> }
  | { readonly name: "accept"; readonly proposal: Proposal<V>; readonly accepts: AcceptCount }
  | { readonly name: "backoff"; remainingMs: number };

const IDLE = { name: "idle" } as const;

/** A proposer [president] of one value: it begins ballots until one is through. */
export class Proposer<V> {
  readonly #parts: ProposerParts<V>;
  #own: { readonly value: V } | undefined;
  #phase: Phase<V> = IDLE;
  #sinceSentMs = 0;

  constructor(parts: ProposerParts<V>) {
    this.#parts = parts;
  }

  get phase(): Phase<V>["name"] {
    return this.#phase.name;
  }

  /** The ballot that is under way. */
  get ballot(): Ballot | undefined {
    if (this.#phase.name === "prepare") return this.#phase.promises.ballot;
    return this.#phase.name === "accept" ? this.#phase.proposal.ballot : undefined;
  }

  /**
   * Begins to have a value chosen: this one, unless an earlier ballot's may be chosen already. Of
   * several calls the first counts.
   */
  propose(value: V): void {
    if (this.#own) return;
    this.#own = { value };
    this.#prepare();
  }

  /** A value is chosen, and nothing is left to do. */
  stop(): void {
    this.#phase = IDLE;
  }

  /** Phase 1b has come. */
  promised(from: string, { ballot, accepted }: Promised<V>): void {
    if (this.#phase.name !== "prepare") return;
    const { promises } = this.#phase;
    promises.add(from, ballot, accepted);
    if (promises.isQuorum) this.#accept(promises);
  }

  /** Phase 2b has come; whether a value is chosen by it, the learner knows. */
  accepted(from: string, { proposal }: Accepted<V>): void {
    if (this.#phase.name === "accept") this.#phase.accepts.add(from, proposal.ballot);
  }

  /** Outbid: tries a higher ballot, after a pause. */
  refused({ ballot, promised }: Nack): void {
    const { ballots, backoff } = this.#parts;
    ballots.observe(promised);
    const current = this.ballot;
    // An answer to an earlier ballot, or one that overtook the promise to this one.
    if (!current || !isSameBallot(ballot, current)) return;
    if (compareBallots(promised, current) <= 0) return;
    this.#phase = { name: "backoff", remainingMs: backoff.next() };
  }

  /** Nothing is ever lost for good: who has not answered is asked again. */
  tick(elapsedMs: number): void {
    if (this.#phase.name === "backoff") {
      this.#phase.remainingMs -= elapsedMs;
      if (this.#phase.remainingMs <= 0) this.#prepare();
      return;
    }
    this.#sinceSentMs += elapsedMs;
    if (this.#sinceSentMs >= this.#parts.retransmitMs) this.#send();
  }

  /** Phase 1a. */
  #prepare(): void {
    const { ballots, quorums } = this.#parts;
    this.#phase = { name: "prepare", promises: new PromiseCount(quorums, ballots.next()) };
    this.#send();
  }

  /** Phase 2a: P2c leaves its own value only if nobody has accepted another. */
  #accept({ ballot, highest }: PromiseCount<V>): void {
    const { value } = highest ?? this.#own!;
    const accepts = new AcceptCount(this.#parts.quorums, ballot);
    this.#phase = { name: "accept", proposal: { ballot, value }, accepts };
    this.#send();
  }

  /** Asks all that have not answered in this phase. */
  #send(): void {
    this.#sinceSentMs = 0;
    const phase = this.#phase;
    const { quorums, outbox } = this.#parts;
    for (const node of quorums.nodes) {
      if (phase.name === "prepare" && !phase.promises.has(node)) {
        outbox.send(node, { type: "prepare", ballot: phase.promises.ballot });
      }
      if (phase.name === "accept" && !phase.accepts.has(node)) {
        outbox.send(node, { type: "accept", proposal: phase.proposal });
      }
    }
  }
}
