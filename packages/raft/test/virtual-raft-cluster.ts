import { type MemoryNetwork, createMemoryNetwork, type Transport } from "@quorate/transport";
import type { StateMachine } from "@quorate/replication";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createRaftNode, type RaftNode, type RaftOptions, WalStorage } from "../src/index.ts";

export interface Member<S extends StateMachine> {
  readonly name: string;
  readonly log: RaftNode<S>;
  readonly machine: S;
  readonly disk: MemoryFileSystem;
  readonly transport: Transport;
  stop(): Promise<void>;
}

/** Nodes on a virtual clock, a network in memory, and disks in memory. */
export class VirtualRaftCluster<S extends StateMachine> {
  readonly clock = new VirtualClock();
  readonly members: Member<S>[] = [];
  readonly network: MemoryNetwork;
  readonly #options: Partial<RaftOptions>;
  readonly #createMachine: () => S;
  readonly #voters: readonly string[];
  #boots = 0;

  constructor(size: number, createMachine: () => S, options: Partial<RaftOptions> = {}) {
    this.#voters = Array.from({ length: size }, (_, at) => `n${at + 1}`);
    this.#createMachine = createMachine;
    this.#options = options;
    this.network = createMemoryNetwork({}, { clock: this.clock, random: seededRandom("network") });
  }

  async start(): Promise<this> {
    for (const name of this.#voters) await this.boot(name);
    return this;
  }

  /** Starts a node, on its own disk if it ran before. */
  async boot(name: string, disk: MemoryFileSystem = new MemoryFileSystem()): Promise<Member<S>> {
    const transport = this.network.transport(name);
    await transport.start();
    const machine = this.#createMachine();
    const voters = this.#voters;
    const directory = `/${name}`;
    const log = createRaftNode(
      { voters, directory, electionTimeoutMs: 200, heartbeatMs: 20, ...this.#options },
      {
        transport,
        machine,
        storage: new WalStorage({ directory, nodeId: name, voters }, disk),
        clock: this.clock,
        random: seededRandom(`boot ${this.#boots++}`),
      },
    );
    await log.start();
    const stop = async (): Promise<void> => {
      try {
        await log.stop();
      } finally {
        await transport.stop();
      }
    };
    const member = { name, log, machine, disk, transport, stop };
    const at = this.members.findIndex((known) => known.name === name);
    this.members.splice(at === -1 ? this.members.length : at, at === -1 ? 0 : 1, member);
    return member;
  }

  isolate(name: string): void {
    for (const other of this.#voters) if (other !== name) this.network.partition(name, other);
  }

  heal(): void {
    this.network.heal();
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }
}
