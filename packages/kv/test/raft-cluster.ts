import { createRaftNode, type RaftNode, WalStorage } from "@quorate/raft";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { createKvClient, type KvClient, KvStateMachine, serveKv } from "../src/index.ts";

const VOTERS = ["a", "b", "c"];

interface Member {
  readonly transport: Transport;
  readonly node: RaftNode<KvStateMachine>;
  readonly machine: KvStateMachine;
  readonly disk: MemoryFileSystem;
  readonly unserve: () => void;
}

/** Three Raft nodes that serve a store; clock, network and disks are virtual. */
export class RaftCluster {
  readonly clock: VirtualClock = new VirtualClock();
  readonly members: Map<string, Member> = new Map<string, Member>();
  readonly #network = createMemoryNetwork({}, { clock: this.clock, random: seededRandom("net") });
  #boots = 0;

  async start(): Promise<KvClient> {
    for (const name of VOTERS) await this.boot(name);
    const transport = this.#network.transport("client");
    await transport.start();
    const random = seededRandom("client");
    return createKvClient({ nodes: VOTERS }, { transport, clock: this.clock, random });
  }

  /** Starts a node, on the disk that it had. */
  async boot(name: string): Promise<void> {
    const before = this.members.get(name);
    const transport = before?.transport ?? this.#network.transport(name);
    if (before) this.#network.heal();
    else await transport.start();
    const machine = new KvStateMachine();
    const disk = before?.disk ?? new MemoryFileSystem();
    const directory = `/${name}`;
    const options = { voters: VOTERS, directory, electionTimeoutMs: 200, heartbeatMs: 20 };
    const storage = new WalStorage({ directory, nodeId: name, voters: VOTERS }, disk);
    const random = seededRandom(`boot ${this.#boots++}`);
    const node = createRaftNode(
      { ...options, snapshotAfterBytes: 20_000, catchUpEntries: 10 },
      { transport, machine, storage, clock: this.clock, random },
    );
    const unserve = serveKv(node, transport);
    await node.start();
    this.members.set(name, { transport, node, machine, disk, unserve });
  }

  /** Loses all that was not on disk, as by SIGKILL and a power cut. */
  async crash(name: string): Promise<void> {
    const { node, disk, unserve } = this.members.get(name) as Member;
    for (const other of [...VOTERS, "client"]) {
      if (other !== name) this.#network.partition(name, other);
    }
    unserve();
    await node.stop();
    disk.crash();
  }

  get leader(): string | undefined {
    return [...this.members].find(([, { node }]) => node.status().role === "leader")?.[0];
  }

  async until(holds: () => boolean): Promise<void> {
    for (let step = 0; !holds(); step++) {
      if (step > 10_000) throw new Error(`waited in vain for ${String(holds)}`);
      await this.clock.advance(5);
    }
  }
}
