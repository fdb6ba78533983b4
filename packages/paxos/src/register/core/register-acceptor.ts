import { accept, type AcceptorState, promise } from "../../core/acceptor-state.ts";
import type { Ballot } from "../../core/ballot.ts";
import type { BallotSource } from "../../core/ballot-source.ts";
import type { Persistence } from "../../core/persistence.ts";
import type { Cell } from "./cell.ts";
import { type ForgottenKeys, mayForget } from "./forgotten-keys.ts";
import type { Accept, Forget, Nack, Prepare, PromisingReply, Query, Request } from "./item.ts";
import { KeyEntry, type KeyStates } from "./key-states.ts";
import type { KeyState, RegisterRecord } from "./register-record.ts";

/** What an acceptor of many keys is made of. */
export interface RegisterAcceptorParts {
  readonly states: KeyStates;
  readonly forgotten: ForgottenKeys;
  readonly persistence: Persistence<RegisterRecord, PromisingReply>;
  /** Sees all ballots that come by, so that this node's next one is not far below. */
  readonly ballots: BallotSource;
  /** Sends what promises nothing that is not durable. */
  readonly reply: (to: string, reply: PromisingReply | Nack) => void;
  /** A key came to hold nothing, by that node's proposal: to be forgotten by all, in time. */
  readonly emptied: (key: string, by: string) => void;
  /** That is over: it holds something again, or is forgotten. */
  readonly notEmpty: (key: string) => void;
  /** Requests that may wait until their keys are read; one more is lost. */
  readonly maxParked: number;
}

/** A request whose key is being read from the disk. */
interface Parked {
  readonly from: string;
  readonly request: Request;
}

/** An acceptor of many keys: the rules of one value, for each key. */
export class RegisterAcceptor {
  readonly #parts: RegisterAcceptorParts;
  readonly #parked = new Map<string, Parked[]>();
  #parkedCount = 0;
  #reads: string[] = [];
  /** Keys whose reads were under way when all was reset. */
  readonly #outdatedReads = new Set<string>();
  /** The write that makes the last reset durable. */
  #resetIn = 0;
  /** The write that makes the configuration durable, by which it votes. */
  #configWrittenIn = 0;

  constructor(parts: RegisterAcceptorParts) {
    this.#parts = parts;
  }

  /** Answers nothing before write `sequence` is durable. */
  waitFor(sequence: number): void {
    this.#configWrittenIn = sequence;
  }

  /** Whether it answers already by the configuration that it has. */
  get isSettled(): boolean {
    return this.#configWrittenIn <= this.#parts.persistence.proof.sequence;
  }

  receive(from: string, request: Request): void {
    const entry = this.#parts.states.get(request.key) ?? this.#knownAbsent(request.key);
    if (entry) this.#answer(from, request, entry);
    else this.#park(from, request);
  }

  /** What the disk has of a key that was asked for by `takeReads`. */
  loaded(key: string, state: KeyState): void {
    const parked = this.#parked.get(key) ?? [];
    this.#parked.delete(key);
    this.#parkedCount -= parked.length;
    const isOutdated = this.#outdatedReads.delete(key);
    const entry = new KeyEntry(isOutdated ? undefined : state, 0);
    this.#parts.states.add(key, entry);
    for (const { from, request } of parked) this.#answer(from, request, entry);
  }

  /** The keys to be read from the disk. */
  takeReads(): readonly string[] {
    const reads = this.#reads;
    if (reads.length > 0) this.#reads = [];
    return reads;
  }

  /**
   * This node is an acceptor anew, having been none: it knows nothing. What it had accepted before may
   * have been deleted and forgotten by all others since.
   */
  reset(): void {
    this.#parts.states.clear();
    for (const key of this.#parked.keys()) this.#outdatedReads.add(key);
    this.#resetIn = this.#parts.persistence.record({ kind: "reset" });
  }

  /** The configuration has changed: who asked will ask again. */
  dropParked(): void {
    for (const parked of this.#parked.values()) parked.length = 0;
    this.#parkedCount = 0;
  }

  /** Until all is gone from the disk, too, the disk is not to be asked. */
  #knownAbsent(key: string): KeyEntry | undefined {
    const { persistence, states } = this.#parts;
    if (this.#resetIn <= persistence.proof.sequence) return undefined;
    const entry = new KeyEntry(undefined, this.#resetIn);
    states.add(key, entry);
    return entry;
  }

  #park(from: string, request: Request): void {
    if (this.#parkedCount >= this.#parts.maxParked) return;
    this.#parkedCount++;
    const parked = this.#parked.get(request.key);
    if (parked) {
      parked.push({ from, request });
      return;
    }
    this.#parked.set(request.key, [{ from, request }]);
    this.#reads.push(request.key);
  }

  #answer(from: string, request: Request, entry: KeyEntry): void {
    switch (request.type) {
      case "prepare":
        return this.#prepare(from, request, entry);
      case "accept":
        return this.#accept(from, request, entry);
      case "query":
        return this.#query(from, request, entry);
      case "forget":
        return this.#forget(from, request, entry);
    }
  }

  #prepare(from: string, { id, key, ballot }: Prepare, entry: KeyEntry): void {
    const { forgotten, ballots } = this.#parts;
    ballots.observe(ballot);
    const state = forgotten.stateOf(entry.state);
    const next = promise(state, ballot);
    if (!next) return this.#refuse(from, id, ballot, state);
    this.#become(key, entry, state, next);
    const { round } = forgotten.highest;
    this.#reply(from, entry, {
      type: "promise",
      id,
      ballot,
      accepted: next.accepted,
      forgotten: round,
    });
  }

  #accept(from: string, { id, key, proposal, next }: Accept, entry: KeyEntry): void {
    const { forgotten, ballots } = this.#parts;
    const { ballot } = proposal;
    ballots.observe(next ?? ballot);
    // An accept that comes twice, after the promise that came with the first, is still accepted.
    const isRepeated = entry.hasAccepted(ballot);
    // What was accepted before is replaced, else: no need to copy it.
    const state = forgotten.stateOf(isRepeated ? entry.state : entry.outline);
    const accepted = isRepeated ? state : accept(state, proposal);
    if (!accepted) return this.#refuse(from, id, ballot, state);
    const promised = next ? promise(accepted, next) : undefined;
    this.#become(key, entry, state, promised ?? accepted);
    if (accepted !== state) this.#note(from, key, state, proposal.value);
    this.#reply(from, entry, {
      type: "accepted",
      id,
      ballot,
      promisedNext: promised !== undefined,
    });
  }

  /** Tells only what is durable: a reader takes what a quorum tells for chosen. */
  #query(from: string, { id }: Query, entry: KeyEntry): void {
    const accepted = entry.state?.accepted;
    this.#reply(from, entry, { type: "answer", id, accepted });
  }

  #forget(from: string, { id, key, ballot }: Forget, entry: KeyEntry): void {
    const { forgotten, persistence, states } = this.#parts;
    const { state } = entry;
    if (state && mayForget(state, ballot)) {
      if (forgotten.raise(ballot)) persistence.record({ kind: "forgotten", ballot });
      const writtenIn = persistence.record({ kind: "key", key, state: undefined });
      states.become(entry, undefined, writtenIn);
      this.#parts.notEmpty(key);
    }
    this.#reply(from, entry, { type: "forgotten", id, ballot });
  }

  #become(
    key: string,
    entry: KeyEntry,
    state: AcceptorState<Cell>,
    next: AcceptorState<Cell>,
  ): void {
    if (next === state) return;
    const { persistence, states } = this.#parts;
    states.become(entry, next, persistence.record({ kind: "key", key, state: next }));
  }

  #note(from: string, key: string, before: AcceptorState<Cell>, cell: Cell): void {
    if (cell.value === undefined) this.#parts.emptied(key, from);
    else if (before.accepted && !before.accepted.value.value) this.#parts.notEmpty(key);
  }

  /** At once when the key's state is durable, else with the write that makes it so. */
  #reply(to: string, { writtenIn }: KeyEntry, reply: PromisingReply): void {
    const { persistence } = this.#parts;
    const isDurable = Math.max(writtenIn, this.#configWrittenIn) <= persistence.proof.sequence;
    if (isDurable) this.#parts.reply(to, reply);
    else persistence.promise(to, reply);
  }

  #refuse(to: string, id: number, ballot: Ballot, { promised }: AcceptorState<Cell>): void {
    this.#parts.reply(to, { type: "nack", id, ballot, promised });
  }
}
