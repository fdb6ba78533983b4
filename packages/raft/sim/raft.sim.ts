import { ReplicationError } from "@quorate/replication";
import { integerBetween, pick } from "@quorate/runtime";
import {
  FAULT_KINDS,
  isOfTheDisk,
  type NodeEnvironment,
  type SimulatedNode,
  type SimulationTarget,
  type SwarmContext,
  type SwarmRun,
  swarmTarget,
} from "@quorate/simulation";
import { createRaftNode, type RaftNode, WalStorage } from "../src/index.ts";
import { counted } from "./counted-storage.ts";
import { currentLeader } from "./current-leader.ts";
import { ElectionSafety } from "./election-safety.ts";
import { LedgerClient, type SeenByClients } from "./ledger-client.ts";
import { LedgerOracle, WatchedLedger } from "./ledger-oracle.ts";

/** What runs on each node. */
export interface LedgerNode {
  readonly log: RaftNode<WatchedLedger>;
  readonly machine: WatchedLedger;
  stop(): Promise<void>;
}

const COVERAGE = [
  "elections",
  "snapshots taken",
  "snapshots received",
  "truncations",
  "log resets",
  "restarts",
  "failed storages",
  "damage found",
  "retried commands",
  "unknown outcomes",
  "sessions expired",
  "linearizable reads",
] as const;

type Coverage = (typeof COVERAGE)[number];

/**
 * Raft with its write-ahead log on faulty disks, and clients that keep a ledger. All nodes must agree
 * line by line; what was acknowledged is there, once, where it was said to be; a linearizable read
 * sees whatever anybody was told before.
 */
class RaftRun implements SwarmRun<LedgerNode> {
  readonly #context: SwarmContext<LedgerNode>;
  readonly #oracle = new LedgerOracle();
  readonly #seen: SeenByClients = { lines: 0, newLine: undefined };
  readonly #electionSafety = new ElectionSafety();
  readonly #snapshots = new Map<LedgerNode, { taken: number; received: number }>();
  readonly #snapshotAfterBytes: number;
  readonly #maxSessions: number;
  readonly #booted = new Set<string>();
  #operationsAtHealing: number | undefined;

  constructor(context: SwarmContext<LedgerNode>) {
    this.#context = context;
    this.#snapshotAfterBytes = integerBetween(context.random.fork("snapshots"), 1, 20) * 1_000;
    // Fewer sessions than clients: each opening expires another one's.
    this.#maxSessions = context.random.fork("sessions").next() < 0.25 ? 4 : 10_000;
  }

  async boot({ name, clock, random, transport, fileSystem }: NodeEnvironment): Promise<LedgerNode> {
    const voters = this.#context.swarm.names;
    const directory = `/${name}`;
    await transport.start();
    const machine = new WatchedLedger(name, this.#oracle);
    const files = new WalStorage(
      { directory, nodeId: name, voters, segmentBytes: 16_384 },
      fileSystem,
      random.fork("wal"),
    );
    const storage = counted(files, (what) => this.#cover(what));
    const log = createRaftNode(
      {
        voters,
        directory,
        electionTimeoutMs: 1_000,
        heartbeatMs: 100,
        snapshotAfterBytes: this.#snapshotAfterBytes,
        catchUpEntries: 20,
        sessions: { maxSessions: this.#maxSessions },
      },
      { transport, machine, storage, clock, random },
    );
    await log.start();
    if (this.#booted.has(name)) this.#cover("restarts");
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
  isSettled(core: readonly SimulatedNode<LedgerNode>[]): boolean {
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

  describe({ log, machine }: LedgerNode): string {
    const { role, leader, term, commitIndex, appliedIndex, lastIndex, followers } = log.status();
    const progress = JSON.stringify(followers ?? {});
    return [
      `${role} of term ${term}, leader ${leader}, ${machine.lines.length} lines`,
      `commit ${commitIndex}, applied ${appliedIndex}, last ${lastIndex}, followers ${progress}`,
      ...log.explain(),
    ].join("; ");
  }

  leader(): string | undefined {
    return currentLeader(this.#context.running());
  }

  checkEnd(core: readonly SimulatedNode<LedgerNode>[]): void {
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
  #failed(name: string, log: LedgerNode["log"], error: ReplicationError): void {
    const isExpected = error.code === "storage-failed" && isOfTheDisk(error);
    if (!isExpected) return this.#context.world.fail(error);
    this.#cover("failed storages");
    this.#context.replace(name, (instance) => instance.log === log);
  }

  #cover(name: Coverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}

const target: SimulationTarget = swarmTarget<LedgerNode>({
  name: "raft",
  coverage: COVERAGE,
  // A voter that forgot its votes is none: an emptied disk needs a change of membership.
  faults: FAULT_KINDS.filter((kind) => kind !== "wipe"),
  unreliableMessages: true,
  damagedNodes: (size) => Math.floor((size - 1) / 2),
  begin: (context) => new RaftRun(context),
});

export default target;
