import { accept, type AcceptorState, promise } from "../acceptor-state.ts";
import type { Ballot } from "../ballot.ts";
import type { Outbox } from "../outbox.ts";
import type { Persistence } from "../persistence.ts";
import type { Accept, FreeMessage, Prepare, PromisingMessage } from "./message.ts";

/** Where an acceptor's answers go: those that promise something wait there for its disk. */
export interface AcceptorEffects<V> {
  readonly outbox: Outbox<FreeMessage<V>, PromisingMessage<V>>;
  readonly persistence: Persistence<AcceptorState<V>, PromisingMessage<V>>;
}

/** An acceptor [priest] of one value: it votes, and remembers. */
export class Acceptor<V> {
  readonly #effects: AcceptorEffects<V>;
  #state: AcceptorState<V>;

  /** `recovered`: what it had made durable before it stopped. */
  constructor(recovered: AcceptorState<V>, effects: AcceptorEffects<V>) {
    this.#state = recovered;
    this.#effects = effects;
  }

  get state(): AcceptorState<V> {
    return this.#state;
  }

  prepare(from: string, { ballot }: Prepare): void {
    const next = promise(this.#state, ballot);
    if (!next) return this.#refuse(from, ballot);
    this.#become(next);
    const { accepted } = next;
    this.#effects.persistence.promise(from, { type: "promise", ballot, accepted });
  }

  accept(from: string, { proposal }: Accept<V>): void {
    const next = accept(this.#state, proposal);
    if (!next) return this.#refuse(from, proposal.ballot);
    this.#become(next);
    this.#effects.persistence.promise(from, { type: "accepted", proposal });
  }

  /** Tells a learner what it has accepted, if it has. */
  tell(learner: string): void {
    const { accepted } = this.#state;
    if (!accepted) return;
    this.#effects.persistence.promise(learner, { type: "accepted", proposal: accepted });
  }

  #become(next: AcceptorState<V>): void {
    if (next === this.#state) return;
    this.#state = next;
    this.#effects.persistence.record(next);
  }

  #refuse(from: string, ballot: Ballot): void {
    this.#effects.outbox.send(from, { type: "nack", ballot, promised: this.#state.promised });
  }
}
