import { AcceptCount } from "../../core/accept-count.ts";
import { Backoff, type BackoffOptions } from "../../core/backoff.ts";
import { type Ballot, compareBallots, isSameBallot } from "../../core/ballot.ts";
import type { AcceptorState } from "../../core/acceptor-state.ts";
import type { BallotSource } from "../../core/ballot-source.ts";
import { PromiseCount } from "../../core/promise-count.ts";
import type { Proposal } from "../../core/proposal.ts";
import { hasNode, NOBODY, type NodeSet, withNode } from "../../core/quorum/node-set.ts";
import type { QuorumSystem } from "../../core/quorum/quorum-system.ts";
import type { Random } from "@quorate/runtime";
import { Attempts } from "./attempts.ts";
import { type Cell, emptied, type Mark } from "./cell.ts";
import { decideBatch, type Settlement } from "./decide-batch.ts";
import { KeptState } from "./kept-state.ts";
import type { Accepted, Answer, Forgotten, Nack, Promised, Reply, Request } from "./item.ts";
import type { Operation } from "./operation.ts";
import type { RegisterOutcome } from "./outcome.ts";
import { QueryTally } from "./query-tally.ts";

/** What the proposers of all keys of a node share. */
export interface KeyProposerParts {
  readonly incarnation: number;
  readonly ballots: BallotSource;
  readonly random: Random;
  readonly options: BackoffOptions & { readonly retransmitMs: number };
  /** Those of the current configuration. */
  readonly quorums: () => QuorumSystem;
  readonly everybody: () => QuorumSystem;
  readonly nextMark: () => Mark;
  /** A number for answers to come back by; the one before is not needed any more. */
  readonly route: (proposer: KeyProposer, replaced: number) => number;
  readonly send: (to: string, request: Request) => void;
  readonly broadcast: (request: Request) => void;
  readonly settle: (operation: Operation, outcome: RegisterOutcome<unknown>) => void;
  /** Nothing is left to do for this key. */
  readonly idle: (proposer: KeyProposer) => void;
}

/** What a quorum has promised, by which a value may be proposed. */
interface Promises {
  readonly ballot: Ballot;
  /** Of what they had accepted, that of the highest ballot. */
  readonly highest: Proposal<Cell> | undefined;
}

type Phase =
  | { readonly name: "idle" }
  | { readonly name: "query"; readonly tally: QueryTally }
  | {
      readonly name: "prepare";
      readonly quorums: QuorumSystem;
      readonly promises: PromiseCount<Cell>;
      refused: NodeSet;
      forgotten: number;
    }
  | {
      readonly name: "accept";
      readonly quorums: QuorumSystem;
      readonly proposal: Proposal<Cell>;
      readonly accepts: AcceptCount;
      /** For the ballot after this one, as its promises come with the acceptances. */
      readonly next: PromiseCount<Cell> | undefined;
      readonly settlements: readonly Settlement[];
      refused: NodeSet;
    }
  | { readonly name: "forget"; readonly ballot: Ballot; answered: NodeSet }
  | { readonly name: "backoff"; remainingMs: number };

const IDLE = { name: "idle" } as const;
const NOTHING: readonly Operation[] = [];
/** Operations that are carried out in one ballot; more wait for the next. */
const MAX_BATCH = 256;
/** Of the time after which a message is sent again. */
const MAX_DOUBLINGS = 4;

/**
 * The proposer of one key, and the operations that queue up for it: one ballot at a time, for all that
 * have come meanwhile. With the promises that came along with the last acceptances it goes straight to
 * phase 2 the next time (CASPaxos, §2.2.1).
 */
export class KeyProposer {
  readonly key: string;
  readonly #parts: KeyProposerParts;
  #id = 0;
  /** What waits for the next ballot. */
  #queue: Operation[] = [];
  #batch: readonly Operation[] = NOTHING;
  #phase: Phase = IDLE;
  /** A quorum's promise for the next ballot, and what it last accepted; if `isReady`. */
  #kept: KeptState | undefined;
  #isReady = false;
  #attempts: Attempts<readonly Settlement[]> | undefined;
  #backoff: Backoff | undefined;
  #refusals = 0;
  #sinceSentMs = 0;
  #resent = 0;

  constructor(key: string, parts: KeyProposerParts) {
    this.key = key;
    this.#parts = parts;
  }

  get phase(): Phase["name"] {
    return this.#phase.name;
  }

  get id(): number {
    return this.#id;
  }

  /** Whether the next write needs one round trip only. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Of the value that it keeps for that. */
  get keptBytes(): number {
    return this.#kept?.roomBytes ?? 0;
  }

  submit(operation: Operation): void {
    if (this.#phase === IDLE) this.#start([operation]);
    else this.#queue.push(operation);
  }

  receive(from: string, reply: Reply): void {
    switch (reply.type) {
      case "promise":
        return this.#promised(from, reply);
      case "accepted":
        return this.#accepted(from, reply);
      case "answer":
        return this.#answered(from, reply);
      case "forgotten":
        return this.#forgotten(from, reply);
      case "nack":
        return this.#refused(from, reply);
    }
  }

  /** Nothing is lost for good: who has not answered is asked again. */
  tick(elapsedMs: number): void {
    const phase = this.#phase;
    if (phase.name === "backoff") {
      phase.remainingMs -= elapsedMs;
      if (phase.remainingMs <= 0) this.#prepare();
      return;
    }
    this.#sinceSentMs += elapsedMs;
    // Ever more rarely: who is slow gets slower by what is sent again.
    if (this.#sinceSentMs < this.#parts.options.retransmitMs * 2 ** this.#resent) return;
    const isRefused = (phase.name === "prepare" || phase.name === "accept") && phase.refused !== 0;
    if (isRefused) this.#outbid();
    else if (phase.name === "query" && phase.tally.isQuorum) this.#prepare();
    else this.#sendAgain();
  }

  /** Gives up the operations that `isOver` names; `reason` says why. */
  giveUp(
    isOver: (operation: Operation) => boolean,
    reason: "timeout" | "aborted" | "stopped",
  ): void {
    if (this.#queue.some(isOver)) {
      const over = this.#queue.filter(isOver);
      this.#queue = this.#queue.filter((operation) => !isOver(operation));
      for (const operation of over) this.#settleAs(operation, reason, false);
    }
    if (!this.#batch.some(isOver)) return;
    const over = this.#batch.filter(isOver);
    this.#batch = this.#batch.filter((operation) => !isOver(operation));
    const isProposed = this.#attempts !== undefined;
    for (const operation of over) {
      this.#settleAs(operation, reason, isProposed && operation.kind === "write");
    }
    if (this.#batch.length === 0) this.#finish();
  }

  /** Other acceptors count now: what is under way begins again, in a ballot of its own. */
  reconfigured(): void {
    this.#isReady = false;
    if (this.#phase === IDLE) return;
    if (this.#batch[0]?.kind === "collect") return this.#collected(false);
    this.#refusals = 0;
    if (this.#phase.name === "query") this.#query();
    else this.#prepare();
  }

  #start(batch: readonly Operation[]): void {
    this.#batch = batch;
    if (this.#batch.every(({ kind }) => kind === "read")) return this.#query();
    const kept = this.#isReady ? this.#kept?.state : undefined;
    this.#isReady = false;
    this.#id = this.#parts.route(this, this.#id);
    if (!kept || this.#batch[0]?.kind === "collect") return this.#prepare();
    const promises = { ballot: kept.promised, highest: kept.accepted };
    this.#propose(promises, 0, this.#parts.quorums());
  }

  /** All that wait, up to `MAX_BATCH`; but a collection is alone. */
  #takeBatch(): readonly Operation[] {
    const queue = this.#queue;
    const at = queue.findIndex(({ kind }) => kind === "collect");
    const count = at === -1 ? queue.length : Math.max(1, at);
    return queue.splice(0, Math.min(count, MAX_BATCH));
  }

  #query(): void {
    this.#id = this.#parts.route(this, this.#id);
    this.#phase = { name: "query", tally: new QueryTally(this.#parts.quorums()) };
    this.#sinceSentMs = this.#resent = 0;
    this.#parts.broadcast({ type: "query", id: this.#id, key: this.key });
  }

  /** Phase 1a. */
  #prepare(): void {
    const isCollection = this.#batch[0]?.kind === "collect";
    const quorums = isCollection ? this.#parts.everybody() : this.#parts.quorums();
    const promises = new PromiseCount<Cell>(quorums, this.#parts.ballots.next());
    this.#phase = { name: "prepare", quorums, promises, refused: NOBODY, forgotten: 0 };
    this.#sinceSentMs = this.#resent = 0;
    const { ballot } = promises;
    this.#parts.broadcast({ type: "prepare", id: this.#id, key: this.key, ballot });
  }

  #promised(from: string, { ballot, accepted, forgotten }: Promised): void {
    const phase = this.#phase;
    if (phase.name !== "prepare" || !phase.promises.add(from, ballot, accepted)) return;
    phase.forgotten = Math.max(phase.forgotten, forgotten);
    if (phase.promises.isQuorum) this.#propose(phase.promises, phase.forgotten, phase.quorums);
  }

  /**
   * Phase 2a: what is chosen already, or may be, and what the operations make of it. `forgotten` is the
   * highest round that any of the quorum has forgotten.
   */
  #propose({ ballot, highest }: Promises, forgotten: number, quorums: QuorumSystem): void {
    const cell = highest?.value;
    if (this.#batch[0]?.kind === "collect") return this.#empty(ballot, cell, forgotten, quorums);
    const trace = this.#attempts?.trace(cell, forgotten);
    if (trace?.kind === "lost-track") return this.#lostTrack();
    if (trace?.kind === "applied") return this.#accept(ballot, cell!, trace.results, quorums);
    const decided = decideBatch(cell, this.#batch, this.#parts.nextMark, forgotten);
    if (!decided.cell && !this.#attempts) {
      // A quorum has nothing, and has just promised to accept nothing earlier: nothing was chosen so
      // far. Promises that were kept would not do, but there are none without a cell.
      return this.#settle(decided.settlements);
    }
    // Also when nothing changes: what was attempted before is dead only once something else is chosen.
    const proposed = decided.cell ?? emptied(forgotten);
    if (decided.cell && decided.cell !== cell) {
      const { sequence } = decided.cell.marks[0]!;
      this.#attempts ??= new Attempts(this.#parts.incarnation);
      this.#attempts.add(cell, ballot.round, sequence, decided.settlements);
    }
    this.#accept(ballot, proposed, decided.settlements, quorums);
  }

  #accept(
    ballot: Ballot,
    cell: Cell,
    settlements: readonly Settlement[],
    quorums: QuorumSystem,
  ): void {
    const { ballots, broadcast } = this.#parts;
    // Who was outbid has company: a promise kept for the next time would only be in its way.
    const isAlone = this.#refusals === 0 && this.#batch[0]?.kind !== "collect";
    const next = isAlone ? new PromiseCount<Cell>(quorums, ballots.next()) : undefined;
    const proposal = { ballot, value: cell };
    const accepts = new AcceptCount(quorums, ballot);
    this.#phase = {
      name: "accept",
      quorums,
      proposal,
      accepts,
      next,
      settlements,
      refused: NOBODY,
    };
    this.#sinceSentMs = this.#resent = 0;
    const { key } = this;
    broadcast({ type: "accept", id: this.#id, key, proposal, next: next?.ballot });
  }

  #accepted(from: string, { ballot, promisedNext }: Accepted): void {
    const phase = this.#phase;
    if (phase.name !== "accept" || !phase.accepts.add(from, ballot)) return;
    const { next, proposal } = phase;
    // Its promise for the next ballot shows this proposal as the last that it has accepted.
    if (next && promisedNext) next.add(from, next.ballot, proposal);
    if (!phase.accepts.isQuorum) return;
    if (this.#batch[0]?.kind === "collect") return this.#forget(ballot);
    if (next?.isQuorum) this.#keep({ promised: next.ballot, accepted: proposal });
    this.#settle(phase.settlements);
  }

  #keep(state: AcceptorState<Cell>): void {
    this.#isReady = true;
    if (this.#kept) this.#kept.set(state);
    else this.#kept = new KeptState(state);
  }

  #answered(from: string, { accepted }: Answer): void {
    if (this.#phase.name !== "query") return;
    const { tally } = this.#phase;
    tally.add(from, accepted);
    const { agreed } = tally;
    if (agreed) {
      const mark = this.#parts.nextMark;
      this.#settle(decideBatch(agreed.cell, this.#batch, mark, 0).settlements);
    } else if (!tally.mayAgree) {
      this.#prepare();
    }
  }

  #refused(from: string, { ballot, promised }: Nack): void {
    this.#parts.ballots.observe(promised);
    const phase = this.#phase;
    if (phase.name !== "prepare" && phase.name !== "accept") return;
    const current = phase.name === "prepare" ? phase.promises.ballot : phase.proposal.ballot;
    if (!isSameBallot(ballot, current) || compareBallots(promised, current) <= 0) return;
    const { quorums } = phase;
    phase.refused = withNode(phase.refused, quorums.nodes, from);
    const left = (2 ** quorums.nodes.length - 1) & ~phase.refused;
    const isPossible =
      phase.name === "prepare" ? quorums.isPhase1Quorum(left) : quorums.isPhase2Quorum(left);
    if (!isPossible) this.#outbid();
  }

  /** The first time may be because this node's ballots are low; then others are at it, too. */
  #outbid(): void {
    if (this.#batch[0]?.kind === "collect") return this.#collected(false);
    const { options, random } = this.#parts;
    if (++this.#refusals === 1) return this.#prepare();
    this.#backoff ??= new Backoff(options, random);
    this.#phase = { name: "backoff", remainingMs: this.#backoff.next() };
  }

  #lostTrack(): void {
    const readers = this.#batch.filter(({ kind }) => kind === "read");
    for (const operation of this.#batch) {
      if (operation.kind === "read") continue;
      this.#parts.settle(operation, { kind: "unknown", reason: "lost-track" });
    }
    this.#queue.unshift(...readers);
    this.#finish();
  }

  /** §3.1, step 1: all acceptors, and not only a quorum, are to hold nothing, in the same ballot. */
  #empty(ballot: Ballot, cell: Cell | undefined, forgotten: number, quorums: QuorumSystem): void {
    if (cell?.value !== undefined) return this.#collected(true);
    this.#accept(ballot, cell ?? emptied(forgotten), [], quorums);
  }

  /** §3.1, step 2: they may forget the key, each unless something has happened to it since. */
  #forget(ballot: Ballot): void {
    this.#phase = { name: "forget", ballot, answered: NOBODY };
    this.#sinceSentMs = this.#resent = 0;
    this.#parts.broadcast({ type: "forget", id: this.#id, key: this.key, ballot });
  }

  #forgotten(from: string, { ballot }: Forgotten): void {
    const phase = this.#phase;
    if (phase.name !== "forget" || !isSameBallot(ballot, phase.ballot)) return;
    const everybody = this.#parts.everybody();
    phase.answered = withNode(phase.answered, everybody.nodes, from);
    if (everybody.isPhase2Quorum(phase.answered)) this.#collected(true);
  }

  /** `isDone`: nothing is left to be collected, here at least. */
  #collected(isDone: boolean): void {
    const [operation] = this.#batch;
    if (operation) this.#parts.settle(operation, { kind: "committed", result: isDone });
    this.#finish();
  }

  #settle(settlements: readonly Settlement[]): void {
    for (const { operation, outcome } of settlements) {
      if (this.#batch.includes(operation)) this.#parts.settle(operation, outcome);
    }
    this.#finish();
  }

  #finish(): void {
    // Nothing that an idle proposer keeps may lead to an operation that is over: it would be as old as
    // the proposer to the garbage collector, and take the operation along (docs/decisions/0160).
    this.#phase = IDLE;
    this.#batch = NOTHING;
    this.#attempts = undefined;
    this.#backoff = undefined;
    this.#refusals = 0;
    if (this.#queue.length > 0) this.#start(this.#takeBatch());
    else this.#parts.idle(this);
  }

  #settleAs(
    operation: Operation,
    reason: "timeout" | "aborted" | "stopped",
    mayTakeEffect: boolean,
  ): void {
    const rejected = reason === "timeout" ? "unavailable" : reason;
    this.#parts.settle(
      operation,
      mayTakeEffect ? { kind: "unknown", reason } : { kind: "rejected", reason: rejected },
    );
  }

  #sendAgain(): void {
    this.#sinceSentMs = 0;
    this.#resent = Math.min(this.#resent + 1, MAX_DOUBLINGS);
    const { send, quorums, everybody } = this.#parts;
    const phase = this.#phase;
    const { key } = this;
    const id = this.#id;
    for (const node of quorums().nodes) {
      if (phase.name === "query" && !phase.tally.has(node)) send(node, { type: "query", id, key });
      if (phase.name === "prepare" && !phase.promises.has(node)) {
        send(node, { type: "prepare", id, key, ballot: phase.promises.ballot });
      }
      if (phase.name === "accept" && !phase.accepts.has(node)) {
        const { proposal, next } = phase;
        send(node, { type: "accept", id, key, proposal, next: next?.ballot });
      }
      if (phase.name === "forget" && !hasNode(phase.answered, everybody().nodes, node)) {
        send(node, { type: "forget", id, key, ballot: phase.ballot });
      }
    }
  }
}
