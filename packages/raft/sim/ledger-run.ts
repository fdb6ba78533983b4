import { ReplicationError, type SessionOptions } from "@quorate/replication";
import type { DrivenNode } from "@quorate/replication/driver";
import { integerBetween, pick } from "@quorate/runtime";
import {
  isOfTheDisk,
  type NodeEnvironment,
  type SimulatedNode,
  type SwarmContext,
  type SwarmRun,
} from "@quorate/simulation";
import { currentLeader } from "./current-leader.ts";
import { ElectionSafety } from "./election-safety.ts";
import { LedgerClient, type SeenByClients } from "./ledger-client.ts";
import { LedgerOracle, WatchedLedger } from "./ledger-oracle.ts";

/** What runs on each node. */
export interface LedgerNode<L extends DrivenNode<WatchedLedger> = DrivenNode<WatchedLedger>> {
  readonly log: L;
  readonly machine: WatchedLedger;
  stop(): Promise<void>;
}

/** What the runs of every algorithm exercise. */
export const LEDGER_COVERAGE = [
  "elections",
  "snapshots taken",
  "snapshots received",
  "restarts",
  "failed storages",
  "damage found",
  "retried commands",
  "unknown outcomes",
  "sessions expired",
  "linearizable reads",
] as const;

type Coverage = (typeof LEDGER_COVERAGE)[number];

/** What a node is told, whichever algorithm it runs. */
export interface LedgerSettings {
  readonly directory: string;
  readonly electionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly snapshotAfterBytes: number;
  readonly catchUpEntries: number;
  readonly sessions: SessionOptions;
}

/** Makes a node on the disk of a machine; it is not started yet. */
export type CreateLedgerLog<L extends DrivenNode<WatchedLedger>> = (
  environment: NodeEnvironment,
  settings: LedgerSettings,
  machine: WatchedLedger,
  boots: { readonly isFirst: boolean },
) => L;

/**
 * A replicated log with its write-ahead log on faulty disks, and clients that keep a ledger. All nodes
 * must agree line by line; what was acknowledged is there, once, where it was said to be; a
 * linearizable read sees whatever anybody was told before.
 */
export class LedgerRun<L extends DrivenNode<WatchedLedger>> implements SwarmRun<LedgerNode<L>> {
  readonly #context: SwarmContext<LedgerNode<L>>;
  readonly #createLog: CreateLedgerLog<L>;
  readonly #oracle = new LedgerOracle();
  readonly #seen: SeenByClients = { lines: 0, newLine: undefined };
  readonly #electionSafety = new ElectionSafety();
  readonly #snapshots = new Map<LedgerNode<L>, { taken: number; received: number }>();
  readonly #snapshotAfterBytes: number;
  readonly #maxSessions: number;
  readonly #booted = new Set<string>();
  #operationsAtHealing: number | undefined;

  constructor(context: SwarmContext<LedgerNode<L>>, createLog: CreateLedgerLog<L>) {
    this.#context = context;
    this.#createLog = createLog;
    this.#snapshotAfterBytes = integerBetween(context.random.fork("snapshots"), 1, 20) * 1_000;
    // Fewer sessions than clients: each opening expires another one's.
    this.#maxSessions = context.random.fork("sessions").next() < 0.25 ? 4 : 10_000;
  }

  async boot(environment: NodeEnvironment): Promise<LedgerNode<L>> {
    const { name, transport } = environment;
    await transport.start();
    const machine = new WatchedLedger(name, this.#oracle);
    const settings = {
      directory: `/${name}`,
      electionTimeoutMs: 1_000,
      heartbeatMs: 100,
      snapshotAfterBytes: this.#snapshotAfterBytes,
      catchUpEntries: 20,
      sessions: { maxSessions: this.#maxSessions },
    };
    const isFirst = !this.#booted.has(name);
    const log = this.#createLog(environment, settings, machine, { isFirst });
    await log.start();
    if (!isFirst) this.#cover("restarts");
    this.#booted.add(name);
    log.onFailure((error) => this.#failed(name, log, error));
    log.onLeader((leader, term) => leader === name && this.#leads(name, term));
    return { log, machine, stop: () => log.stop() };
  }

  startUsers(): void {
    const { random, world } = this.#context;
    const thinkMs = pick(random.fork("think"), [20, 200, 1_000]);
    for (let number = 1; number <= 5; number++) {
      const name = `c${number}`;
      const client = new LedgerClient(name, this.#context, this.#oracle, this.#seen, thinkMs);
      client.run().catch((error: unknown) => world.fail(error));
    }
  }

  check(): void {
    for (const { instance } of this.#context.running()) {
      const { snapshotsTaken, snapshotsReceived } = instance!.log.metrics();
      const before = this.#snapshots.get(instance!) ?? { taken: 0, received: 0 };
      this.#cover("snapshots taken", snapshotsTaken - before.taken);
      this.#cover("snapshots received", snapshotsReceived - before.received);
      this.#snapshots.set(instance!, { taken: snapshotsTaken, received: snapshotsReceived });
    }
  }

  /**
   * Clients get answers again, and a line that was asked for since is on every node of the core.
   *
   * But not on one that only a leader outside of the core keeps waiting, over a way that is broken for
   * good. Only leaders replicate, and this one has a quorum without the node. If the node hears it, it
   * has no cause to campaign; if not, the others follow a leader that lives, and by pre-vote (§9.6) and
   * §4.2.3 they refuse: what keeps a node that is cut off from deposing a leader that lives also keeps
   * it from a better one. A Raft without the two would depose it over and over; followers that pass
   * entries on would help, and Raft's do not.
   */
  isSettled(core: readonly SimulatedNode<LedgerNode<L>>[]): boolean {
    const { newLine } = this.#seen;
    this.#operationsAtHealing ??= this.#context.operations;
    if (newLine === undefined) return false;
    if (this.#context.operations < this.#operationsAtHealing + 20) return false;
    return core.every(
      (node) =>
        node.state === "running" &&
        (node.instance!.machine.lines.length >= newLine ||
          this.#context.isBeyondReach(node, this.leader())),
    );
  }

  describe({ log, machine }: LedgerNode<L>): string {
    const { role, leader, term, commitIndex, appliedIndex, lastIndex, ...more } = log.status();
    return [
      `${role} of term ${term}, leader ${leader}, ${machine.lines.length} lines`,
      `commit ${commitIndex}, applied ${appliedIndex}, last ${lastIndex}, ${JSON.stringify(more)}`,
      ...log.explain(),
    ].join("; ");
  }

  leader(): string | undefined {
    return currentLeader(this.#context.running());
  }

  checkEnd(core: readonly SimulatedNode<LedgerNode<L>>[]): void {
    if (this.#oracle.length < this.#seen.lines) {
      throw new Error(`${this.#seen.lines} lines were acknowledged, ${this.#oracle.length} exist`);
    }
    if (core.length === 0) throw new Error("no node is left");
  }

  /** Where the program can tell damage from a torn write. */
  mayRot(_node: string, path: string): boolean {
    return path.includes("/snapshots/snapshot-") && !path.endsWith(".part");
  }

  onStartFailed({ name }: SimulatedNode, error: unknown): "retry" | "leave" {
    if (isOfTheDisk(error)) return "retry";
    const wasDamaged = this.#context.world.faultAtlas.damaged.has(name);
    if (!(error instanceof ReplicationError && error.code === "damaged" && wasDamaged)) {
      throw new Error(`${name} could not start`, { cause: error });
    }
    this.#cover("damage found");
    return "leave";
  }

  #leads(name: string, term: number): void {
    this.#cover("elections");
    this.#electionSafety.leads(name, term);
  }

  /** A process that cannot write ends, and its supervisor starts it again. */
  #failed(name: string, log: L, error: ReplicationError): void {
    const isExpected = error.code === "storage-failed" && isOfTheDisk(error);
    if (!isExpected) return this.#context.world.fail(error);
    this.#cover("failed storages");
    this.#context.replace(name, (instance) => instance.log === log);
  }

  #cover(name: Coverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}
