import type { Random } from "@quorate/runtime";
import type { Ballot } from "../../core/ballot.ts";
import { BallotSource } from "../../core/ballot-source.ts";
import type { BackoffOptions } from "../../core/backoff.ts";
import type { Identity } from "../../core/identity.ts";
import { Persistence, type Persisted, type Write } from "../../core/persistence.ts";
import type { QuorumSystem } from "../../core/quorum/quorum-system.ts";
import { Collector, type CollectorOptions } from "./collector.ts";
import { everybodyOf, quorumsOf } from "./config-quorums.ts";
import { ForgottenKeys } from "./forgotten-keys.ts";
import type { Frame } from "./frame.ts";
import { FrameOutbox, type OutgoingFrame } from "./frame-outbox.ts";
import type { Item, PromisingReply } from "./item.ts";
import { KeyStates } from "./key-states.ts";
import type { Operation } from "./operation.ts";
import type { RegisterOutcome } from "./outcome.ts";
import { RegisterAcceptor } from "./register-acceptor.ts";
import { type RegisterConfig, voterOf } from "./register-config.ts";
import { RegisterProposer, type RegisterProposerOptions } from "./register-proposer.ts";
import type { KeyState, RegisterRecord } from "./register-record.ts";

/** How a core behaves; validated by whoever makes it. */
export interface RegisterCoreOptions
  extends BackoffOptions, CollectorOptions, RegisterProposerOptions {
  /** Milliseconds after which a message without an answer is sent again. */
  readonly retransmitMs: number;
  /** Bytes of memory for the states of the keys used last. */
  readonly cacheBytes: number;
}

/** What a node had made durable, besides its keys. */
export interface RecoveredRegister {
  readonly identity: Identity;
  readonly config: RegisterConfig;
  readonly forgotten: Ballot;
}

/** What a core wants done, since the last time it was asked. */
export interface RegisterReady {
  /** To be sent now, in this order; also before `write` is done. */
  readonly messages: readonly OutgoingFrame[];
  /** To be made durable; its proof goes to `persisted`. Of records of one key the last counts. */
  readonly write: Write<RegisterRecord> | undefined;
  /** Keys whose states are to be read and handed to `loaded`. */
  readonly reads: readonly string[];
  /** Operations that have come to their end. */
  readonly settled: readonly {
    readonly operation: Operation;
    readonly outcome: RegisterOutcome<unknown>;
  }[];
}

/** Requests that may wait for the disk. */
const MAX_PARKED = 20_000;

/**
 * A node of the register: proposers and acceptors of all keys as one synchronous state machine without
 * I/O. Operations, frames, completed reads and writes and the passing of time go in, and `ready` says
 * what is to be done.
 *
 * Source: Rystsov, "CASPaxos: Replicated State Machines without logs", 2018.
 *
 * @throws {PaxosError} `invariant-broken` from any input: the node must stop.
 */
export class RegisterCore {
  readonly #identity: Identity;
  readonly #outbox: FrameOutbox;
  readonly #persistence = new Persistence<RegisterRecord, PromisingReply>();
  readonly #states: KeyStates;
  readonly #forgotten: ForgottenKeys;
  readonly #acceptor: RegisterAcceptor;
  readonly #proposer: RegisterProposer;
  readonly #collector: Collector;
  #config: RegisterConfig;
  #quorums: QuorumSystem;
  #everybody: QuorumSystem;
  #votes: boolean;
  #settled: { operation: Operation; outcome: RegisterOutcome<unknown> }[] = [];
  #nowMs = 0;

  constructor(options: RegisterCoreOptions, recovered: RecoveredRegister, random: Random) {
    const { identity, config, forgotten } = recovered;
    this.#identity = identity;
    this.#config = config;
    this.#quorums = quorumsOf(config);
    this.#everybody = everybodyOf(config);
    this.#votes = voterOf(config, identity) !== undefined;
    this.#outbox = new FrameOutbox(identity.node);
    this.#states = new KeyStates(options.cacheBytes);
    this.#forgotten = new ForgottenKeys(forgotten);
    this.#forgotten.raise(config.forgotten);
    const ballots = new BallotSource(identity);
    ballots.observe(this.#forgotten.highest);
    this.#acceptor = new RegisterAcceptor({
      states: this.#states,
      forgotten: this.#forgotten,
      persistence: this.#persistence,
      ballots,
      reply: (to, reply) => this.#outbox.send(to, reply),
      notEmpty: (key) => this.#collector.remove(key),
      emptied: (key, by) => this.#collector.add(key, by === identity.node, this.#nowMs),
      maxParked: MAX_PARKED,
    });
    let sequence = 0;
    this.#proposer = new RegisterProposer(options, {
      incarnation: identity.incarnation,
      ballots,
      random: random.fork("backoff"),
      options,
      quorums: () => this.#quorums,
      everybody: () => this.#everybody,
      nextMark: () => ({ incarnation: identity.incarnation, sequence: ++sequence }),
      send: (to, request) => this.#outbox.send(to, request),
      broadcast: (request) => this.#outbox.broadcast(request, this.#quorums.nodes),
      settle: (operation, outcome) => this.#settle(operation, outcome),
    });
    this.#collector = new Collector(options, random.fork("collector"), (operation) =>
      this.#proposer.submit(operation),
    );
  }

  get config(): RegisterConfig {
    return this.#config;
  }

  /** Whether this node is an acceptor of the configuration. */
  get votes(): boolean {
    return this.#votes;
  }

  /** Whether what it votes by is durable. */
  get isSettled(): boolean {
    return this.#acceptor.isSettled;
  }

  /** What this acceptor has forgotten so far. */
  get forgotten(): Ballot {
    return this.#forgotten.highest;
  }

  get proposer(): Pick<RegisterProposer, "operations" | "busyKeys" | "promisedKeys"> {
    return this.#proposer;
  }

  get collector(): Pick<Collector, "waiting" | "collected"> {
    return this.#collector;
  }

  get keysInMemory(): number {
    return this.#states.size;
  }

  /** Milliseconds since the core was made, as far as `tick` told. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Begins an operation, or settles it as overloaded. */
  submit(operation: Operation): void {
    if (this.#proposer.submit(operation)) return;
    this.#settled.push({ operation, outcome: { kind: "rejected", reason: "overloaded" } });
  }

  /** Nobody waits for an operation any more. */
  abort(operation: Operation): void {
    this.#proposer.abort(operation);
  }

  /** Settles all that is under way. */
  stop(): void {
    this.#proposer.stop();
  }

  receive(from: string, frame: Frame): void {
    if (frame.kind === "config") return this.adopt(frame.config);
    const { epoch } = this.#config;
    if (frame.epoch < epoch) {
      return this.#outbox.control(from, { kind: "config", config: this.#config });
    }
    if (frame.epoch > epoch) return this.#outbox.control(from, { kind: "epoch", epoch });
    if (frame.kind === "epoch") return;
    for (const item of frame.items) this.#receive(from, item);
  }

  /** A configuration that is decided. Of another epoch than the last it has no effect. */
  adopt(config: RegisterConfig): void {
    if (config.epoch <= this.#config.epoch) return;
    const [before, now] = [voterOf(this.#config, this.#identity), voterOf(config, this.#identity)];
    this.#config = config;
    this.#quorums = quorumsOf(config);
    this.#everybody = everybodyOf(config);
    this.#votes = now !== undefined;
    if (now && now.joined !== before?.joined) this.#acceptor.reset();
    const { forgotten } = config;
    if (this.#forgotten.raise(forgotten)) {
      this.#persistence.record({ kind: "forgotten", ballot: forgotten });
    }
    this.#acceptor.waitFor(this.#persistence.record({ kind: "config", config }));
    this.#acceptor.dropParked();
    this.#outbox.clear();
    this.#proposer.reconfigured();
  }

  /** Tells the configuration to those whom it concerns. */
  announce(nodes: Iterable<string>): void {
    const frame: Frame = { kind: "config", config: this.#config };
    for (const node of nodes) this.#outbox.control(node, frame);
  }

  /** What the disk has of a key; see `RegisterReady.reads`. */
  loaded(key: string, state: KeyState): void {
    this.#acceptor.loaded(key, state);
  }

  /** Keys that hold nothing, as the disk has them. */
  foundEmpty(keys: Iterable<string>): void {
    for (const key of keys) this.#collector.add(key, false, this.#nowMs);
  }

  /** Lets time pass. */
  tick(elapsedMs: number): void {
    this.#nowMs += elapsedMs;
    this.#proposer.tick(elapsedMs, this.#nowMs);
    if (this.#votes) this.#collector.tick(this.#nowMs);
    this.#states.shrink(this.#persistence.proof.sequence);
  }

  /** A write, and all before it, are durable. */
  persisted(proof: Persisted): void {
    this.#persistence.persisted(proof);
  }

  /** What is to be done, since the last call. */
  ready(): RegisterReady {
    this.#persistence.release((to, message) => this.#outbox.send(to, message));
    // What a node says to itself takes the same way, disk and all, except for the network.
    for (let own = this.#outbox.takeOwn(); own.length > 0; own = this.#outbox.takeOwn()) {
      for (const item of own) this.#receive(this.#identity.node, item);
    }
    const settled = this.#settled;
    if (settled.length > 0) this.#settled = [];
    return {
      messages: this.#outbox.take(this.#config.epoch, this.#quorums.nodes),
      write: this.#persistence.takeWrite(),
      reads: this.#acceptor.takeReads(),
      settled,
    };
  }

  #receive(from: string, item: Item): void {
    switch (item.type) {
      case "prepare":
      case "accept":
      case "query":
      case "forget":
        if (this.#votes) this.#acceptor.receive(from, item);
        return undefined;
      case "promise":
      case "accepted":
      case "answer":
      case "forgotten":
      case "nack":
        return this.#proposer.receive(from, item);
    }
  }

  #settle(operation: Operation, outcome: RegisterOutcome<unknown>): void {
    if (operation.kind === "collect") {
      const isDone = outcome.kind === "committed" && outcome.result === true;
      return this.#collector.ended(operation, isDone, this.#nowMs);
    }
    this.#settled.push({ operation, outcome });
  }
}
