import type { Timer } from "@quorate/runtime";
import type { Unsubscribe } from "@quorate/transport";
import { resultOf, sessionOf } from "../caller-outcome.ts";
import { LogClock } from "../log-clock.ts";
import { encodeLogCommand, type LogCommand } from "../log-command.ts";
import type { Outcome } from "../outcome.ts";
import type {
  ProposeOptions,
  ReadOptions,
  ReadResult,
  ReplicationStatus,
  WaitOptions,
} from "../replicated-log.ts";
import { ReplicationError } from "../replication-error.ts";
import { SessionedStateMachine } from "../sessioned-state-machine.ts";
import type { StateMachine } from "../state-machine.ts";
import type { Algorithm, DriverDependencies } from "./algorithm.ts";
import { Applier } from "./applier.ts";
import { addRead } from "./caller-read.ts";
import { type Channels, channelsOf } from "./channels.ts";
import type { ConsensusCore, Ready, Standing } from "./consensus-core.ts";
import { Counters } from "./counters.ts";
import type { DrivenNode, NodeMetrics } from "./driven-node.ts";
import { Engine } from "./engine.ts";
import { failureOf } from "./failure.ts";
import { LeaderWatch } from "./leader-watch.ts";
import { LinearizableReads } from "./linearizable-reads.ts";
import type { ValidatedNodeOptions } from "./node-options.ts";
import { type ProposalOutcome, Proposals, rejected } from "./proposals.ts";
import { type Protocols, protocolsOf } from "./protocols.ts";
import { ReadIndexService } from "./read-index-service.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";

const TICKS_PER_HEARTBEAT = 5;
const DEFAULT_TIMEOUT_MS = 5_000;

/** What exists from the moment on when the disk was read. */
interface Running<Message, Write, Proof, Core> {
  readonly core: Core;
  readonly engine: Engine<Message, Write, Proof>;
  readonly applier: Applier;
  readonly reads: LinearizableReads;
  readonly readIndexes: ReadIndexService;
  readonly snapshots: SnapshotKeeper;
}

/**
 * A member of a cluster, whatever its algorithm: a core with its callers on one side, and the state
 * machine, the disk and the network on the other.
 */
export class DrivenLog<
  S extends StateMachine,
  Recovered,
  Message,
  Write,
  Proof,
  Core extends ConsensusCore<Message, Write, Proof>,
  Status extends ReplicationStatus,
> implements DrivenNode<S, Status> {
  readonly #options: ValidatedNodeOptions;
  readonly #dependencies: DriverDependencies<S, Recovered, Write, Proof>;
  readonly #algorithm: Algorithm<Recovered, Core, Message, Status>;
  readonly #protocols: Protocols;
  readonly #channels: Channels;
  readonly #machine: SessionedStateMachine<S>;
  readonly #logClock: LogClock;
  readonly #proposals = new Proposals();
  readonly #leaderWatch = new LeaderWatch();
  readonly #counters = new Counters();
  readonly #failureListeners = new Set<(error: ReplicationError) => void>();
  readonly #subscriptions: Unsubscribe[] = [];
  #running: Running<Message, Write, Proof, Core> | undefined;
  #failure: ReplicationError | undefined;
  #ended: Promise<void> | undefined;
  #ticker: Timer | undefined;

  constructor(
    options: ValidatedNodeOptions,
    dependencies: DriverDependencies<S, Recovered, Write, Proof>,
    algorithm: Algorithm<Recovered, Core, Message, Status>,
  ) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#algorithm = algorithm;
    this.#protocols = protocolsOf(algorithm.name, options.group);
    this.#channels = channelsOf(algorithm.name);
    this.#machine = new SessionedStateMachine(dependencies.machine, options.sessions);
    this.#logClock = new LogClock(dependencies.clock);
  }

  async start(): Promise<void> {
    const { storage, transport, random } = this.#dependencies;
    const recovered = await storage.load();
    await this.#restoreIfBehind();
    const { name } = this.#algorithm;
    const { group } = this.#options;
    const member = group === undefined ? transport.nodeId : `${group}/${transport.nodeId}`;
    const own = random.fork(`${name}/${member}`);
    this.#running = this.#assemble(this.#algorithm.createCore(recovered, own));
    this.#listen(this.#running);
    this.#tickAgain(this.#running, this.#dependencies.clock.now());
  }

  stop(): Promise<void> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  propose(command: Uint8Array, options: ProposeOptions = {}): Promise<Outcome> {
    if (command.length > this.#options.maxCommandBytes) {
      return Promise.resolve({ kind: "rejected", reason: "too-large" });
    }
    const { session } = options;
    const timeMs = this.#logClock.now();
    const entry: LogCommand = session
      ? { kind: "session", timeMs, session, command }
      : { kind: "plain", command };
    return this.#propose(entry, options, resultOf);
  }

  openSession(options: WaitOptions = {}): Promise<Outcome<number>> {
    const entry: LogCommand = { kind: "open-session", timeMs: this.#logClock.now() };
    return this.#propose(entry, options, sessionOf);
  }

  read<A>(query: (state: S) => A, options: ReadOptions = {}): Promise<ReadResult<A>> {
    const { consistency = "linearizable", signal, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const { applier, reads } = this.#requireRunning();
      const answer = (): void => {
        const { index } = applier.last;
        resolve({ index, value: query(this.#machine.machine) });
      };
      if (consistency === "stale") return answer();
      if (reads.size >= this.#options.maxWaitingReads) {
        throw new ReplicationError("unavailable", `${reads.size} reads wait already`);
      }
      const deadlineMs = this.#dependencies.clock.now() + timeoutMs;
      addRead(reads, { deadlineMs, signal, answer, reject });
    });
  }

  get machine(): S {
    return this.#machine.machine;
  }

  status(): Status {
    const running = this.#ended || this.#failure ? undefined : this.#running;
    if (running) return this.#algorithm.status(running.core, running.applier.last.index);
    return this.#algorithm.stoppedStatus();
  }

  explain(): string[] {
    if (this.#failure) return [`the node has stopped: ${this.#failure.message}`];
    if (!this.#running || this.#ended) return ["the node does not run"];
    const { core, applier } = this.#running;
    const { isRestoring } = applier;
    return this.#algorithm.explain(core, { status: this.status(), isRestoring });
  }

  metrics(): NodeMetrics {
    return {
      ...this.#counters.snapshot(),
      waitingProposals: this.#proposals.size,
      waitingReads: this.#running?.reads.size ?? 0,
    };
  }

  onLeader(listener: (leader: string | undefined, term: number) => void): () => void {
    return this.#leaderWatch.onLeader(listener);
  }

  onFailure(listener: (error: ReplicationError) => void): () => void {
    this.#failureListeners.add(listener);
    return () => void this.#failureListeners.delete(listener);
  }

  /** For what an algorithm offers besides; undefined, and nothing done, when the node does not run. */
  protected input<T>(give: (core: Core) => T): T | undefined {
    const running = this.#ended || this.#failure ? undefined : this.#running;
    return running?.engine.input(() => give(running.core));
  }

  /** Called after all that `ready` asked for was begun. */
  protected carriedOut(_core: Core): void {}

  /** Called when the node answers nothing any more. */
  protected ended(): void {}

  async #restoreIfBehind(): Promise<void> {
    const snapshot = await this.#dependencies.storage.snapshots.open();
    if (!snapshot) return;
    const { position, file } = snapshot;
    if ((this.#machine.position?.index ?? 0) >= position.index) return file.close();
    await file.giveTo((chunks) => this.#machine.restore(chunks, position));
  }

  #assemble(core: Core): Running<Message, Write, Proof, Core> {
    const { storage, transport } = this.#dependencies;
    // What a machine holds by itself may be ahead of the snapshot; the log's entries up to there pass by.
    const { snapshot } = core.server;
    const { position = snapshot } = this.#machine;
    const held = position.index > snapshot.index ? position : snapshot;
    const applier: Applier = new Applier(this.#machine, held, {
      applied: (index, term, applied) => this.#proposals.applied(index, term, applied),
      restored: ({ index }) => this.#proposals.passedBySnapshot(index),
      caughtUp: () => {
        reads.applied(applier.last.index);
        snapshots.takeIfDue();
      },
    });
    const protocols = this.#protocols;
    const { codec } = this.#algorithm;
    const counters = this.#counters;
    const parts = { storage, transport, codec, protocol: protocols.message, counters };
    const engine = new Engine<Message, Write, Proof>(core, parts, {
      ready: (ready) => this.#carryOut(ready),
      failed: (code, cause) => this.#fail(code, cause),
    });
    const { electionTimeoutMs } = this.#options;
    const readIndexes = new ReadIndexService(
      engine,
      transport,
      protocols.readIndex,
      this.#counters,
      electionTimeoutMs,
    );
    const reads = new LinearizableReads(held.index, (listener) => readIndexes.ask(listener));
    const snapshots: SnapshotKeeper = new SnapshotKeeper(
      this.#options,
      {
        ...{ storage, machine: this.#machine, engine, applier, counters, transport },
        protocol: protocols.snapshot,
        tell: (kind, index) => this.#publish("snapshot", { kind, index }),
      },
      (cause) => this.#fail("storage-failed", cause),
    );
    return { core, engine, applier, reads, readIndexes, snapshots };
  }

  #listen({ engine }: Running<Message, Write, Proof, Core>): void {
    const { transport } = this.#dependencies;
    this.#subscriptions.push(
      transport.onMessage(this.#protocols.message, (from, bytes) => {
        const message = this.#algorithm.codec.decode(bytes);
        if (message) engine.input((core) => core.receive(from, message));
        else this.#counters.messagesRefused++;
      }),
    );
  }

  /** Time is let in in small steps: a process that was paused has seen no more than one of them. */
  #tickAgain(running: Running<Message, Write, Proof, Core>, lastMs: number): void {
    const { clock } = this.#dependencies;
    const stepMs = this.#options.heartbeatMs / TICKS_PER_HEARTBEAT;
    this.#ticker = clock.setTimer(stepMs, () => {
      const nowMs = clock.now();
      running.engine.input((core) => core.tick(Math.min(nowMs - lastMs, 2 * stepMs)));
      this.#proposals.expire(nowMs);
      running.reads.tick(nowMs);
      if (!this.#ended) this.#tickAgain(running, nowMs);
    });
  }

  #carryOut(ready: Ready<Message, Write>): void {
    const { engine, applier, readIndexes, snapshots } = this.#running!;
    const { server } = engine.core;
    if (this.#leaderWatch.look(server.leader, server.term)) this.#leaderChanged(server);
    readIndexes.settle(ready);
    this.carriedOut(this.#running!.core);
    for (const to of ready.snapshotsToSend) snapshots.send(to);
    if (ready.restore) snapshots.restore(ready.restore);
    if (ready.committed.length === 0) return;
    this.#counters.committed += ready.committed.length;
    applier.apply(ready.firstCommittedIndex, ready.committed);
  }

  #leaderChanged({ id, leader, term }: Standing): void {
    this.#counters.leaderChanges++;
    this.#publish("leader", { leader, term });
    if (leader === id) this.#logClock.resumeFrom(this.#machine.timeMs);
    // Entries of an earlier lead may still be committed; nobody here will hear of it.
    this.#proposals.settleAll("leadership-lost");
  }

  #propose<R>(
    entry: LogCommand,
    { signal, timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions,
    inCallersTerms: (outcome: ProposalOutcome) => Outcome<R>,
  ): Promise<Outcome<R>> {
    return new Promise((resolve) => {
      signal?.throwIfAborted();
      const settle = (outcome: ProposalOutcome): void => {
        if (abort) signal?.removeEventListener("abort", abort);
        resolve(inCallersTerms(outcome));
      };
      let abort: (() => void) | undefined;
      const running = this.#running;
      if (!running || this.#ended || this.#failure) return settle(rejected("stopped"));
      const index = running.engine.input((core) => core.propose(encodeLogCommand(entry)));
      const { leader, term } = running.engine.core.server;
      if (index === undefined) return settle(rejected("not-leader", leader));
      if (index === "overloaded") return settle(rejected("overloaded"));
      this.#counters.proposals++;
      const deadlineMs = this.#dependencies.clock.now() + timeoutMs;
      this.#proposals.add(index, { term, deadlineMs, settle });
      if (!signal) return;
      abort = () => this.#proposals.abort(index, term);
      signal.addEventListener("abort", abort, { once: true });
    });
  }

  #requireRunning(): Running<Message, Write, Proof, Core> {
    if (this.#failure || this.#ended || !this.#running) {
      throw new ReplicationError("stopped", "the node does not run", { cause: this.#failure });
    }
    return this.#running;
  }

  /** The node must not go on: it answers nothing more, and tells whoever started it. */
  #fail(code: "storage-failed" | "invariant-broken", cause: unknown): void {
    if (this.#failure || this.#ended) return;
    this.#failure = failureOf(code, cause);
    this.#publish("failure", { error: this.#failure });
    this.#ended = this.#end().catch(() => {});
    for (const listener of this.#failureListeners) listener(this.#failure);
  }

  #publish(channel: keyof Channels, event: Readonly<Record<string, unknown>>): void {
    const { nodeId } = this.#dependencies.transport;
    this.#channels[channel].publish({ nodeId, group: this.#options.group, ...event });
  }

  async #end(): Promise<void> {
    this.#ticker?.cancel();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#leaderWatch.look(undefined, 0);
    this.#proposals.settleAll("stopped");
    this.ended();
    const running = this.#running;
    if (!running) return;
    running.readIndexes.stop();
    running.reads.stop();
    await Promise.all([running.snapshots.stop(), running.engine.stop()]);
    await this.#dependencies.storage.close();
  }
}
