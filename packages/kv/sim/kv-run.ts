import { ReplicationError } from "@quorate/replication";
import { integerBetween, pick } from "@quorate/runtime";
import {
  isOfTheDisk,
  type NodeEnvironment,
  type SimulatedNode,
  type SwarmContext,
  type SwarmRun,
} from "@quorate/simulation";
import { History, type KeyValueInput, type KeyValueOutput } from "@quorate/simulation/checker";
import { currentLeader } from "../../raft/sim/current-leader.ts";
import { ElectionSafety } from "../../raft/sim/election-safety.ts";
import { createKvClient } from "../src/index.ts";
import { Proposed } from "./counted-log.ts";
import { checkFinalState, readFinalState } from "./final-state.ts";
import { KeyRing } from "./key-ring.ts";
import type { KvCoverage } from "./kv-coverage.ts";
import { bootKvNode, type KvNode } from "./kv-node.ts";
import { type Inserted, KvUser, type UserWorld } from "./kv-user.ts";
import { StoreOracle } from "./store-oracle.ts";
import { Workloads } from "./workloads.ts";
import { UserLinks } from "./user-links.ts";

const USERS = 4;
/** With those of lists and leases. */
const WRITERS = USERS + 3;
const SHARED_KEYS = 3;
/** Writes of unknown outcome after which a key is retired; those under way then may join. */
const MAX_UNKNOWN = 2;
const ATTEMPT_TIMEOUT_MS = 500;

/** One run of the store: what its users saw must be explained by one order, on all replicas. */
export class KvRun implements SwarmRun<KvNode> {
  readonly #context: SwarmContext<KvNode>;
  readonly #oracle = new StoreOracle();
  readonly #proposed = new Proposed();
  readonly #history = new History<KeyValueInput, KeyValueOutput>();
  readonly #inserted: Inserted = { done: new Set(), failed: new Set(), unknown: new Set() };
  readonly #keys = new KeyRing(SHARED_KEYS, MAX_UNKNOWN);
  readonly #users: readonly SimulatedNode<KvUser>[];
  readonly #workloads: Workloads;
  readonly #watchMessageBytes: number;
  readonly #links: UserLinks;
  readonly #snapshotAfterBytes: number;
  readonly #consensus: "raft" | "paxos";
  readonly #sessions: { readonly maxSessions?: number; readonly sessionTtlMs?: number };
  readonly #snapshots = new Map<KvNode, { taken: number; received: number }>();
  readonly #electionSafety = new ElectionSafety();
  readonly #booted = new Set<string>();
  #working: Promise<unknown> = Promise.resolve();
  #isEnding = false;
  #end: { readonly index: number; readonly found: readonly string[] } | undefined;

  constructor(context: SwarmContext<KvNode>) {
    this.#context = context;
    const { random, world, swarm } = context;
    this.#snapshotAfterBytes = integerBetween(random.fork("snapshots"), 1, 8) * 1_000;
    this.#consensus = pick(random.fork("consensus"), ["raft", "paxos"]);
    // Fewer sessions than users: each opening expires another one's. Or none outlives a long pause.
    const dice = random.fork("sessions").next();
    this.#sessions =
      dice < 0.2 ? { maxSessions: WRITERS - 1 } : dice < 0.4 ? { sessionTtlMs: 1_500 } : {};
    const names = Array.from({ length: USERS }, (_, at) => `u${at + 1}`);
    const thinkMs = pick(random.fork("think"), [50, 200, 1_000]);
    this.#users = names.map((name) =>
      world.node(name, (environment) => this.#startUser(environment, thinkMs)),
    );
    this.#workloads = new Workloads(context);
    this.#watchMessageBytes = pick(random.fork("messages"), [1, 150, 100_000]);
    const all = [...names, ...this.#workloads.names];
    this.#links = new UserLinks(world, all, swarm.names, random.fork("links"));
  }

  async boot(environment: NodeEnvironment): Promise<KvNode> {
    const { name } = environment;
    const node = await bootKvNode(
      environment,
      {
        consensus: this.#consensus,
        voters: this.#context.swarm.names,
        snapshotAfterBytes: this.#snapshotAfterBytes,
        sessions: this.#sessions,
        watchMessageBytes: this.#watchMessageBytes,
      },
      this.#oracle,
      {
        watches: this.#workloads.watchOracle,
        leases: this.#workloads.leaseOracle,
        proposed: this.#proposed,
        cover: (what) => this.#cover(what),
      },
    );
    if (this.#booted.has(name)) this.#cover("restarts");
    this.#booted.add(name);
    node.log.onFailure((error) => this.#failed(name, node, error));
    node.log.onLeader((leader, term) => leader === name && this.#leads(name, term));
    return node;
  }

  startUsers(): void {
    const { world, random } = this.#context;
    this.#working = Promise.all(
      this.#users.map(async (node) => {
        const user = await node.start();
        await user.run();
      }),
    ).catch((error: unknown) => world.fail(error));
    this.#workloads.start();
    const dice = random.fork("trouble").next();
    if (dice < 0.6) void this.#links.trouble(dice < 0.3 ? 1_000 : 4_000);
  }

  check(): void {
    for (const { name, instance } of this.#context.running()) {
      const { log, machine } = instance!;
      this.#countSnapshots(instance!);
      const { appliedIndex } = log.status();
      if (appliedIndex > 0) this.#oracle.show(name, appliedIndex, machine.hash());
    }
  }

  /** All that users did is known, and every node of the core has a write that came after the healing. */
  isSettled(core: readonly SimulatedNode<KvNode>[]): boolean {
    if (!this.#isEnding) {
      this.#isEnding = true;
      this.#finish(core).catch((error: unknown) => this.#context.world.fail(error));
    }
    const { index } = this.#end ?? {};
    if (index === undefined) return false;
    return core.every(
      (node) =>
        node.state === "running" &&
        (node.instance!.log.status().appliedIndex >= index ||
          // Why Raft cannot help it: `isSettled` in packages/raft/sim/ledger-run.ts.
          this.#context.isBeyondReach(node, this.leader())),
    );
  }

  checkEnd(): void {
    this.#cover(
      "unknown inserts that were done",
      checkFinalState(this.#history, this.#inserted, this.#end!.found),
    );
    this.#cover("checked histories");
  }

  leader(): string | undefined {
    return currentLeader(this.#context.running());
  }

  describe({ log, machine }: KvNode): string {
    const { role, leader, term, commitIndex, appliedIndex } = log.status();
    const state = `${role} of term ${term}, leader ${leader}, commit ${commitIndex}`;
    return [`${state}, applied ${appliedIndex} (${machine.hash()})`, ...log.explain()].join("; ");
  }

  /** Where the program can tell damage from a torn write. */
  mayRot(_node: string, path: string): boolean {
    return path.includes("/snapshots/snapshot-") && !path.endsWith(".part");
  }

  onStartFailed({ name }: SimulatedNode, error: unknown): "retry" | "leave" {
    if (isOfTheDisk(error)) return "retry";
    const isDamage = error instanceof ReplicationError && error.code === "damaged";
    if (isDamage && this.#context.world.faultAtlas.damaged.has(name)) return "leave";
    throw new Error(`${name} could not start`, { cause: error });
  }

  async #finish(core: readonly SimulatedNode[]): Promise<void> {
    const { network } = this.#context.world;
    this.#links.stop();
    const users = [...this.#users.map(({ name }) => name), ...this.#workloads.names];
    network.calm([...users, ...core.map(({ name }) => name)]);
    for (const { instance } of this.#users) instance!.stop();
    await Promise.all([this.#working, this.#workloads.end()]);
    const { kv } = this.#users[0]!.instance!;
    await this.#workloads.check(kv);
    for (;;) {
      const outcome = await kv.put("final", "after the healing");
      if (outcome.kind !== "committed") continue;
      const found = await readFinalState(kv, this.#history);
      this.#end = { index: outcome.index, found };
      return;
    }
  }

  async #startUser(
    { name, clock, random, transport }: NodeEnvironment,
    thinkMs: number,
  ): Promise<KvUser> {
    await transport.start();
    const kv = createKvClient(
      {
        nodes: this.#context.swarm.names,
        // Impatient ones leave more behind of which nobody knows.
        timeoutMs: random.next() < 0.5 ? 1_000 : 2_500,
        attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
      },
      { transport, clock, random: random.fork("client") },
    );
    // Whoever only reads stays with a leader that is cut off: what it is told there may be old.
    const readShare = random.next() < 0.4 ? 1 : 0.3;
    return new KvUser(name, kv, { clock, random, thinkMs, readShare, world: this.#userWorld() });
  }

  #userWorld(): UserWorld {
    return {
      keys: this.#keys,
      history: this.#history,
      inserted: this.#inserted,
      term: () => this.#electionSafety.latestTerm,
      answered: (input, output, term) => this.#answered(input, output, term),
      unanswered: () => this.#cover("unknown outcomes"),
      retired: () => this.#cover("keys retired"),
    };
  }

  #answered({ op }: KeyValueInput, output: KeyValueOutput | undefined, term: number): void {
    this.#context.operations++;
    if (op === "get") return this.#cover("linearizable reads");
    if (op === "delete") this.#cover("deletes");
    if (op === "compareAndSet") {
      this.#cover(
        output === true ? "compare-and-sets that changed" : "compare-and-sets that failed",
      );
    }
    if (this.#electionSafety.latestTerm > term) this.#cover("failovers during a write");
  }

  #leads(name: string, term: number): void {
    this.#cover("elections");
    this.#electionSafety.leads(name, term);
  }

  #failed(name: string, node: KvNode, error: ReplicationError): void {
    const isExpected = error.code === "storage-failed" && isOfTheDisk(error);
    if (!isExpected) return this.#context.world.fail(error);
    this.#context.replace(name, (instance) => instance === node);
  }

  #countSnapshots(node: KvNode): void {
    const { snapshotsTaken: taken, snapshotsReceived: received } = node.log.metrics();
    const before = this.#snapshots.get(node) ?? { taken: 0, received: 0 };
    this.#cover("snapshots taken", taken - before.taken);
    this.#cover("snapshots received", received - before.received);
    this.#snapshots.set(node, { taken, received });
  }

  #cover(name: KvCoverage, by: number = 1): void {
    this.#context.cover(name, by);
  }
}
