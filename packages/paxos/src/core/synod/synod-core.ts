import type { Random } from "@quorate/runtime";
import { type AcceptorState, UNTOUCHED } from "../acceptor-state.ts";
import { BallotSource } from "../ballot-source.ts";
import type { Identity } from "../identity.ts";
import { Outbox, type Outgoing } from "../outbox.ts";
import { Persistence, type Persisted, type Write } from "../persistence.ts";
import type { QuorumSystem } from "../quorum/quorum-system.ts";
import { Acceptor } from "./acceptor.ts";
import { Backoff, type BackoffOptions } from "../backoff.ts";
import { Learner } from "./learner.ts";
import type {
  Accept,
  Accepted,
  FreeMessage,
  Learn,
  Message,
  Prepare,
  PromisingMessage,
} from "./message.ts";
import { Proposer } from "./proposer.ts";

/** How a core behaves; validated by whoever makes it. */
export interface SynodCoreOptions extends BackoffOptions {
  readonly quorums: QuorumSystem;
  /** Milliseconds after which a message without an answer is sent again. */
  readonly retransmitMs: number;
}

/** What a core wants done, since the last time it was asked. */
export interface SynodReady<V> {
  /** To be sent now, in this order; also before `write` is done. Those to itself it has dealt with. */
  readonly messages: readonly Outgoing<FreeMessage<V>, PromisingMessage<V>>[];
  /** To be made durable; its proof goes to `persisted`. Of its records only the last counts. */
  readonly write: Write<AcceptorState<V>> | undefined;
}

/**
 * A node's three roles as one synchronous state machine without I/O: messages, a proposal, completed
 * writes and the passing of time go in, and `ready` says what is to be done. Nothing it does depends on
 * anything else, so the same inputs give the same outputs.
 *
 * Source: Lamport, "The Part-Time Parliament", ACM TOCS 16(2), 1998, §2; "Paxos Made Simple", 2001, §2.
 *
 * @throws {PaxosError} `invariant-broken` from any input: the node must stop.
 */
export class SynodCore<V> {
  readonly #id: string;
  readonly #quorums: QuorumSystem;
  readonly #outbox = new Outbox<FreeMessage<V>, PromisingMessage<V>>();
  readonly #persistence = new Persistence<AcceptorState<V>, PromisingMessage<V>>();
  readonly #proposer: Proposer<V>;
  readonly #learner: Learner<V>;
  /** Absent in a node that lost its data, or is none of the acceptors. */
  readonly #acceptor: Acceptor<V> | undefined;

  /** `recovered`: what its acceptor had made durable; undefined in a node that has no data yet. */
  constructor(
    options: SynodCoreOptions,
    identity: Identity,
    recovered: AcceptorState<V> | undefined,
    random: Random,
  ) {
    const { quorums, retransmitMs } = options;
    this.#id = identity.node;
    this.#quorums = quorums;
    const [outbox, persistence] = [this.#outbox, this.#persistence];
    const ballots = new BallotSource(identity);
    const backoff = new Backoff(options, random);
    this.#proposer = new Proposer({ quorums, ballots, backoff, outbox, retransmitMs });
    this.#learner = new Learner({ quorums, outbox, retransmitMs });
    const votes = identity.votes && quorums.nodes.includes(identity.node);
    this.#acceptor = votes
      ? new Acceptor(recovered ?? UNTOUCHED, { outbox, persistence })
      : undefined;
  }

  /** What is chosen, once this node knows it. */
  get chosen(): { readonly value: V } | undefined {
    return this.#learner.chosen;
  }

  /** To be read, not changed. */
  get proposer(): Pick<Proposer<V>, "phase" | "ballot"> {
    return this.#proposer;
  }

  /** To be read, not changed. Undefined in a node that does not vote. */
  get acceptor(): Pick<Acceptor<V>, "state"> | undefined {
    return this.#acceptor;
  }

  /** Begins to have a value chosen. Of several calls the first counts. */
  propose(value: V): void {
    if (!this.chosen) this.#proposer.propose(value);
  }

  /** Takes a message. Whoever sends it, only acceptors are counted. */
  receive(from: string, message: Message<V>): void {
    switch (message.type) {
      case "prepare":
      case "accept":
      case "learn":
        return this.#answer(from, message);
      case "promise":
        return this.#proposer.promised(from, message);
      case "accepted":
        return this.#accepted(from, message);
      case "nack":
        return this.#proposer.refused(message);
      case "chosen":
        this.#learner.choose(message.value);
        return this.#proposer.stop();
    }
  }

  /** Lets time pass. */
  tick(elapsedMs: number): void {
    if (this.chosen) return;
    this.#proposer.tick(elapsedMs);
    this.#learner.tick(elapsedMs);
  }

  /** A write, and all before it, are durable. */
  persisted(proof: Persisted): void {
    this.#persistence.persisted(proof);
  }

  /** What is to be done, since the last call. */
  ready(): SynodReady<V> {
    const messages: Outgoing<FreeMessage<V>, PromisingMessage<V>>[] = [];
    // What a node says to itself takes the same way, disk and all, except for the network.
    for (let batch = this.#released(); batch.length > 0; batch = this.#released()) {
      for (const outgoing of batch) {
        if (outgoing.to === this.#id) this.receive(this.#id, outgoing.message);
        else messages.push(outgoing);
      }
    }
    return { messages, write: this.#persistence.takeWrite() };
  }

  #released(): readonly Outgoing<FreeMessage<V>, PromisingMessage<V>>[] {
    this.#persistence.release((to, message, persisted) =>
      this.#outbox.sendPromise(to, message, persisted),
    );
    return this.#outbox.take();
  }

  /** Who knows what is chosen need not vote on it any more. */
  #answer(from: string, message: Prepare | Accept<V> | Learn): void {
    if (this.chosen) {
      this.#outbox.send(from, { type: "chosen", value: this.chosen.value });
    } else if (message.type === "prepare") {
      this.#acceptor?.prepare(from, message);
    } else if (message.type === "accept") {
      this.#acceptor?.accept(from, message);
    } else {
      this.#acceptor?.tell(from);
    }
  }

  /** A proposer is its own distinguished learner (Paxos Made Simple, §2.3), and informs the others. */
  #accepted(from: string, message: Accepted<V>): void {
    if (this.chosen) return;
    this.#proposer.accepted(from, message);
    this.#learner.accepted(from, message.proposal);
    const { chosen } = this.#learner;
    if (!chosen || this.#proposer.phase === "idle") return;
    this.#proposer.stop();
    for (const node of this.#quorums.nodes) {
      if (node !== this.#id) this.#outbox.send(node, { type: "chosen", value: chosen.value });
    }
  }
}
