import {
  encodeLogCommand,
  LogClock,
  type LogCommand,
  type Outcome,
  type ProposeOptions,
  type ReadOptions,
  type ReadResult,
  ReplicationError,
  SessionedStateMachine,
  type StateMachine,
  type WaitOptions,
} from "@quorate/replication";
import type { Clock, Random, Timer } from "@quorate/runtime";
import type { Transport, Unsubscribe } from "@quorate/transport";
import { decodeMessage } from "../core/message-codec.ts";
import { RaftCore, type Ready } from "../core/raft-core.ts";
import type { ValidatedRaftOptions } from "../options.ts";
import type { RaftError } from "../raft-error.ts";
import type { RaftStorage } from "../storage/raft-storage.ts";
import { Applier } from "./applier.ts";
import { resultOf, sessionOf } from "./caller-outcome.ts";
import { addRead } from "./caller-read.ts";
import { failureChannel, leaderChannel } from "./channels.ts";
import { Counters } from "./counters.ts";
import { Engine } from "./engine.ts";
import { explain } from "./explain.ts";
import { LeaderWatch } from "./leader-watch.ts";
import { failureOf } from "./failure.ts";
import { LinearizableReads } from "./linearizable-reads.ts";
import { type Protocols, protocolsOf } from "./protocols.ts";
import { type ProposalOutcome, Proposals, rejected } from "./proposals.ts";
import type { RaftMetrics, RaftNode, RaftStatus } from "./raft-node.ts";
import { ReadIndexService } from "./read-index-service.ts";
import { SnapshotKeeper } from "./snapshot-keeper.ts";
import { statusOf, stoppedStatus } from "./status.ts";

const TICKS_PER_HEARTBEAT = 5;
const DEFAULT_TIMEOUT_MS = 5_000;

interface Dependencies<S extends StateMachine> {
  readonly transport: Transport;
  readonly machine: S;
  readonly storage: RaftStorage;
  readonly clock: Clock;
  readonly random: Random;
}

/** What exists from the moment on when the disk was read. */
interface Running {
  readonly engine: Engine;
  readonly applier: Applier;
  readonly reads: LinearizableReads;
  readonly readIndexes: ReadIndexService;
  readonly snapshots: SnapshotKeeper;
}

/** A node: the engine with its callers on one side, and the state machine on the other. */
export class DrivenRaftNode<S extends StateMachine> implements RaftNode<S> {
  readonly #options: ValidatedRaftOptions;
  readonly #dependencies: Dependencies<S>;
  readonly #protocols: Protocols;
  readonly #machine: SessionedStateMachine<S>;
  readonly #logClock: LogClock;
  readonly #proposals = new Proposals();
  readonly #leaderWatch = new LeaderWatch();
  readonly #counters = new Counters();
  readonly #failureListeners = new Set<(error: RaftError) => void>();
  readonly #subscriptions: Unsubscribe[] = [];
  #running: Running | undefined;
  #failure: RaftError | undefined;
  #ended: Promise<void> | undefined;
  #ticker: Timer | undefined;

  constructor(options: ValidatedRaftOptions, dependencies: Dependencies<S>) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#protocols = protocolsOf(options.group);
    this.#machine = new SessionedStateMachine(dependencies.machine, options.sessions);
    this.#logClock = new LogClock(dependencies.clock);
  }

  async start(): Promise<void> {
    const { storage, transport, random } = this.#dependencies;
    const recovered = await storage.load();
    const snapshot = await storage.snapshots.open();
    await snapshot?.file.giveTo((chunks) => this.#machine.restore(chunks));
    const options = { ...this.#options, id: transport.nodeId };
    const { group } = this.#options;
    const member = group === undefined ? transport.nodeId : `${group}/${transport.nodeId}`;
    const core = new RaftCore(options, recovered, random.fork(`raft/${member}`));
    this.#running = this.#assemble(core);
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

  status(): RaftStatus {
    const running = this.#ended || this.#failure ? undefined : this.#running;
    if (running) return statusOf(running.engine.core, running.applier.last.index);
    return stoppedStatus(this.#dependencies.transport.nodeId, this.#options.voters);
  }

  explain(): string[] {
    if (this.#failure) return [`the node has stopped: ${this.#failure.message}`];
    if (!this.#running || this.#ended) return ["the node does not run"];
    const { engine, applier } = this.#running;
    return explain(this.status(), engine.core.diskPendingMs, applier.isRestoring);
  }

  metrics(): RaftMetrics {
    return {
      ...this.#counters.snapshot(),
      waitingProposals: this.#proposals.size,
      waitingReads: this.#running?.reads.size ?? 0,
    };
  }

  onLeader(listener: (leader: string | undefined, term: number) => void): () => void {
    return this.#leaderWatch.onLeader(listener);
  }

  onFailure(listener: (error: RaftError) => void): () => void {
    this.#failureListeners.add(listener);
    return () => void this.#failureListeners.delete(listener);
  }

  #assemble(core: RaftCore): Running {
    const { storage, transport } = this.#dependencies;
    const { snapshot } = core.server;
    const applier: Applier = new Applier(this.#machine, snapshot, {
      applied: (index, term, applied) => this.#proposals.applied(index, term, applied),
      restored: ({ index }) => this.#proposals.passedBySnapshot(index),
      caughtUp: () => {
        reads.applied(applier.last.index);
        snapshots.takeIfDue();
      },
    });
    const protocols = this.#protocols;
    const engine = new Engine(core, storage, transport, protocols.message, this.#counters, {
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
    const reads = new LinearizableReads(snapshot.index, (listener) => readIndexes.ask(listener));
    const snapshots: SnapshotKeeper = new SnapshotKeeper(
      this.#options,
      {
        ...{ storage, machine: this.#machine, engine, applier, counters: this.#counters },
        ...{ transport, group: this.#options.group },
      },
      (cause) => this.#fail("storage-failed", cause),
    );
    return { engine, applier, reads, readIndexes, snapshots };
  }

  #listen({ engine }: Running): void {
    const { transport } = this.#dependencies;
    this.#subscriptions.push(
      transport.onMessage(this.#protocols.message, (from, bytes) => {
        const message = decodeMessage(bytes);
        if (message) engine.input((core) => core.receive(from, message));
        else this.#counters.messagesRefused++;
      }),
    );
  }

  /** Time is let in in small steps: a process that was paused has seen no more than one of them. */
  #tickAgain(running: Running, lastMs: number): void {
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

  #carryOut(ready: Ready): void {
    const { engine, applier, readIndexes, snapshots } = this.#running!;
    const { server } = engine.core;
    if (this.#leaderWatch.look(server.leader, server.term)) this.#leaderChanged(server);
    readIndexes.settle(ready);
    for (const to of ready.snapshotsToSend) snapshots.send(to);
    if (ready.restore) snapshots.restore(ready.restore);
    if (ready.committed.length === 0) return;
    this.#counters.committed += ready.committed.length;
    applier.apply(ready.firstCommittedIndex, ready.committed);
  }

  #leaderChanged({ id, leader, term }: RaftCore["server"]): void {
    this.#counters.leaderChanges++;
    leaderChannel.publish({ nodeId: id, group: this.#options.group, leader, term });
    if (leader === id) {
      this.#logClock.resumeFrom(this.#machine.timeMs);
    }
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

  #requireRunning(): Running {
    if (this.#failure || this.#ended || !this.#running) {
      throw new ReplicationError("stopped", "the node does not run", { cause: this.#failure });
    }
    return this.#running;
  }

  /** The node must not go on: it answers nothing more, and tells whoever started it. */
  #fail(code: "storage-failed" | "invariant-broken", cause: unknown): void {
    if (this.#failure || this.#ended) return;
    this.#failure = failureOf(code, cause);
    const { nodeId } = this.#dependencies.transport;
    failureChannel.publish({ nodeId, group: this.#options.group, error: this.#failure });
    this.#ended = this.#end().catch(() => {});
    for (const listener of this.#failureListeners) listener(this.#failure);
  }

  async #end(): Promise<void> {
    this.#ticker?.cancel();
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#leaderWatch.look(undefined, 0);
    this.#proposals.settleAll("stopped");
    const running = this.#running;
    if (!running) return;
    running.readIndexes.stop();
    running.reads.stop();
    await Promise.all([running.snapshots.stop(), running.engine.stop()]);
    await this.#dependencies.storage.close();
  }
}
