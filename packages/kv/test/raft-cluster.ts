import { createRaftNode, type RaftNode, WalStorage } from "@quorate/raft";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import {
  createKvClient,
  type KvClient,
  type KvClientOptions,
  KvStateMachine,
  LeaseKeeper,
  serveKv,
  WatchHub,
  type WatchStream,
  type WatchStreamOptions,
} from "../src/index.ts";

const VOTERS = ["a", "b", "c"];

interface Member {
  readonly transport: Transport;
  readonly node: RaftNode<KvStateMachine>;
  readonly machine: KvStateMachine;
  readonly disk: MemoryFileSystem;
  readonly watches: CountedHub;
  readonly unserve: () => void;
}

/** Knows how many streams are open. */
class CountedHub extends WatchHub {
  streams = 0;

  override openStream(options: WatchStreamOptions = {}): WatchStream {
    const stream = super.openStream(options);
    const close = stream.close.bind(stream);
    this.streams++;
    stream.close = () => {
      this.streams--;
      close();
    };
    return stream;
  }
}

class CountedKeeper extends LeaseKeeper {
  onKeepAlive: () => void = () => {};

  override keepAliveMany(
    ...asked: Parameters<LeaseKeeper["keepAliveMany"]>
  ): ReturnType<LeaseKeeper["keepAliveMany"]> {
    this.onKeepAlive();
    return super.keepAliveMany(...asked);
  }
}

/** Three Raft nodes that serve a store; clock, network and disks are virtual. */
export class RaftCluster {
  readonly clock: VirtualClock = new VirtualClock();
  readonly members: Map<string, Member> = new Map<string, Member>();
  readonly #network = createMemoryNetwork({}, { clock: this.clock, random: seededRandom("net") });
  readonly #clientTransport: Transport = this.#network.transport("client");
  #client: KvClient | undefined;
  #boots = 0;
  /** Keep-alives that nodes were asked for. */
  keepAlives = 0;

  async start(options: Partial<KvClientOptions> = {}): Promise<KvClient> {
    for (const name of VOTERS) await this.boot(name);
    const transport = this.#clientTransport;
    await transport.start();
    const random = seededRandom("client");
    const dependencies = { transport, clock: this.clock, random };
    this.#client = createKvClient({ nodes: VOTERS, ...options }, dependencies);
    return this.#client;
  }

  async stop(): Promise<void> {
    await this.#client?.stop();
    for (const { node, unserve, transport } of this.members.values()) {
      unserve();
      await node.stop();
      await transport.stop();
    }
    await this.#clientTransport.stop();
  }

  /** No node hears the client any more, nor it them. */
  cutOffClient(): void {
    for (const name of VOTERS) this.#network.partition(name, "client");
  }

  /** Heals what was cut. */
  heal(): void {
    this.#network.heal();
  }

  cutOff(name: string, from: readonly string[]): void {
    for (const other of from) this.#network.partition(name, other);
  }

  /** Moves the clock on until `promise` settles; its value or its rejection. */
  settled<T>(promise: Promise<T>): Promise<T> {
    return this.clock.until(promise, 20_000);
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
    const leases = new CountedKeeper(node, machine, { clock: this.clock });
    leases.onKeepAlive = () => this.keepAlives++;
    const watches = new CountedHub(machine);
    const end = serveKv(node, transport, {}, { clock: this.clock, leases, watches });
    const unserve = (): void => {
      leases.stop();
      watches.stop();
      end();
    };
    await node.start();
    this.members.set(name, { transport, node, machine, disk, watches, unserve });
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
