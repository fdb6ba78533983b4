import { FileSystemError, integerBetween } from "@quorate/runtime";
import {
  FAULT_KINDS,
  type NodeEnvironment,
  type SimulatedNode,
  type SimulationTarget,
  type SwarmContext,
  type SwarmRun,
  swarmTarget,
} from "@quorate/simulation";
import { createRaftNode, RaftError, type RaftNode, WalStorage } from "../src/index.ts";
import { counted } from "./counted-storage.ts";
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
  readonly #seen: SeenByClients = { lines: 0 };
  readonly #leaders = new Map<number, string>();
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
    const thinkMs = [20, 200, 1_000][integerBetween(random.fork("think"), 0, 2)]!;
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
   * Clients get answers again, and every node of the core has all of it. In liveness one node is
   * enough: a leader outside of the core may reach only a part of it, and Raft does not relay.
   */
  isSettled(core: readonly SimulatedNode<LedgerNode>[]): boolean {
    this.#operationsAtHealing ??= this.#context.operations;
    if (this.#context.operations < this.#operationsAtHealing + 20) return false;
    const current = core.filter(
      ({ state, instance }) =>
        state === "running" && instance!.machine.lines.length >= this.#seen.lines,
    );
    return current.length >= (this.#context.mode === "safety" ? core.length : 1);
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
    if (!(error instanceof RaftError && error.code === "damaged" && wasDamaged)) {
      throw new Error(`${name} could not start`, { cause: error });
    }
    this.#cover("damage found");
    return "leave";
  }

  #leads(name: string, term: number): void {
    this.#cover("elections");
    const other = this.#leaders.get(term);
    if (other !== undefined && other !== name) {
      throw new Error(`${name} and ${other} both led term ${term}`);
    }
    this.#leaders.set(term, name);
  }

  /** A process that cannot write ends, and its supervisor starts it again. */
  #failed(name: string, log: LedgerNode["log"], error: RaftError): void {
    const { world, nemesis, nodes } = this.#context;
    if (error.code !== "storage-failed") return world.fail(error);
    this.#cover("failed storages");
    const node = nodes.find((each) => each.name === name)!;
    world.clock.setTimer(100, () => {
      if (node.instance?.log !== log) return; // somebody else was faster
      node.kill();
      world.clock.setTimer(1_000, () => nemesis.boot(node));
    });
  }

  #cover(name: Coverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}

/** Whether a file operation failed, however it was wrapped. */
function isOfTheDisk(error: unknown): boolean {
  if (error instanceof FileSystemError)
    return error.code === "io-error" || error.code === "no-space";
  return error instanceof Error && isOfTheDisk(error.cause);
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
