import {
  type Applied,
  encodeLogCommand,
  type Outcome,
  type ProposeOptions,
  type ReadOptions,
  type ReadResult,
  type ReplicatedLog,
  ReplicationError,
  type ReplicationStatus,
  SessionedStateMachine,
  type SessionOptions,
} from "@quorate/replication";
import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type MemoryNetwork, type Transport } from "@quorate/transport";
import {
  createKvClient,
  type KvClient,
  type KvClientOptions,
  KvStateMachine,
  serveKv,
} from "../src/index.ts";

const NODES = ["a", "b", "c"];

/** What a test lets happen to a proposal that has reached the leader. */
export type Mishap =
  | "applied, then unknown"
  | "applied, then silence"
  | "applied, then the connection breaks"
  | "not applied, then unknown"
  | "not applied, then silence"
  | "not applied, then the connection breaks"
  | "overloaded";

/**
 * Three nodes that serve one store, on a network in memory and a clock that the test holds: a log
 * whose entries are committed at once, with the sessions of @quorate/replication. The test says who
 * leads and what goes wrong.
 */
export class TestCluster {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork = createMemoryNetwork({}, { clock: this.clock });
  readonly machine: SessionedStateMachine<KvStateMachine>;
  /** Undefined while nobody leads. */
  leader: string | undefined = "a";
  /** Whom a node holds for the leader, where that is not the one that leads. */
  hints: Readonly<Record<string, string>> = {};
  /** What befalls the next proposals, in their order. */
  readonly mishaps: Mishap[] = [];
  /** The nodes that were asked to propose or read, in order. */
  readonly asked: string[] = [];
  /** As they reached the leader. */
  readonly proposals: { readonly sequence: number; readonly answeredBelow: number }[] = [];
  readonly #transports: Transport[] = [];
  #clientTransport: Transport | undefined;
  #index = 0;

  constructor(sessions: SessionOptions = {}) {
    this.machine = new SessionedStateMachine(new KvStateMachine(), sessions);
  }

  async start(options: Partial<KvClientOptions> = {}): Promise<KvClient> {
    for (const node of NODES) {
      const transport = this.network.transport(node);
      this.#transports.push(transport);
      serveKv(new TestLog(node, this), transport, {}, { clock: this.clock });
    }
    const transport = this.network.transport("client");
    this.#clientTransport = transport;
    await Promise.all([...this.#transports, transport].map((each) => each.start()));
    const random = seededRandom("client");
    return createKvClient({ nodes: NODES, ...options }, { transport, clock: this.clock, random });
  }

  /** As a node of this cluster sees it, for whoever serves it elsewhere. */
  log(node: string): ReplicatedLog<KvStateMachine> {
    return new TestLog(node, this);
  }

  async stop(): Promise<void> {
    await this.#clientTransport?.stop();
    await Promise.all(this.#transports.map((each) => each.stop()));
  }

  get clientTransport(): Transport {
    return this.#clientTransport as Transport;
  }

  /** Moves the clock on until `promise` settles, at most two minutes; its value or its rejection. */
  settled<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise, 120_000);
  }

  append(command: Uint8Array): { readonly index: number; readonly applied: Applied } {
    const index = ++this.#index;
    const [applied] = this.machine.apply([{ index, command }]);
    return { index, applied: applied! };
  }
}

class TestLog implements ReplicatedLog<KvStateMachine> {
  readonly #node: string;
  readonly #cluster: TestCluster;

  constructor(node: string, cluster: TestCluster) {
    this.#node = node;
    this.#cluster = cluster;
  }

  get machine(): KvStateMachine {
    return this.#cluster.machine.machine;
  }

  async propose(command: Uint8Array, { session }: ProposeOptions = {}): Promise<Outcome> {
    const cluster = this.#cluster;
    cluster.asked.push(this.#node);
    if (cluster.leader !== this.#node) return this.#notLeader();
    if (!session) throw new ReplicationError("invalid-option", "these tests have sessions");
    cluster.proposals.push(session);
    const mishap = cluster.mishaps.shift();
    if (mishap === "overloaded") return { kind: "rejected", reason: "overloaded" };
    if (mishap?.startsWith("not applied")) return this.#fail(mishap);
    const timeMs = cluster.clock.now();
    const entry = encodeLogCommand({ kind: "session", timeMs, session, command });
    const { index, applied } = cluster.append(entry);
    if (mishap) return this.#fail(mishap);
    if (applied.kind === "result") return { kind: "committed", index, result: applied.result };
    return { kind: "rejected", reason: "session-expired" };
  }

  async openSession(): Promise<Outcome<number>> {
    const cluster = this.#cluster;
    if (cluster.leader !== this.#node) return this.#notLeader();
    const timeMs = cluster.clock.now();
    const { index } = cluster.append(encodeLogCommand({ kind: "open-session", timeMs }));
    return { kind: "committed", index, result: index };
  }

  async read<A>(
    query: (state: KvStateMachine) => A,
    { consistency = "linearizable" }: ReadOptions = {},
  ): Promise<ReadResult<A>> {
    this.#cluster.asked.push(this.#node);
    if (consistency === "linearizable" && this.#cluster.leader !== this.#node) {
      throw new ReplicationError("unavailable", "the tests' followers cannot read");
    }
    return { index: 0, value: query(this.#cluster.machine.machine) };
  }

  status(): ReplicationStatus {
    const { hints, leader } = this.#cluster;
    return { leader: hints[this.#node] ?? leader } as ReplicationStatus;
  }

  explain(): string[] {
    return [];
  }

  onLeader(): () => void {
    return () => {};
  }

  #notLeader(): Outcome<never> {
    const { leader } = this.status();
    return { kind: "rejected", reason: "not-leader", ...(leader && { leader }) };
  }

  #fail(mishap: Mishap): Promise<Outcome> | Outcome {
    if (mishap.endsWith("unknown")) return { kind: "unknown", reason: "leadership-lost" };
    if (mishap.endsWith("breaks")) this.#cluster.network.disconnect("client", this.#node);
    return new Promise(() => {});
  }
}
