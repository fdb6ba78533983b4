import { createMemoryNetwork, type MemoryNetwork, type Transport } from "@quorate/transport";
import { type Clock, type FileSystem, type Random, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import type { DrivenNode } from "../src/driver/index.ts";
import type { StateMachine } from "../src/index.ts";

export interface Member<S extends StateMachine, N extends DrivenNode<S>> {
  readonly name: string;
  readonly log: N;
  readonly machine: S;
  readonly disk: MemoryFileSystem;
  readonly transport: Transport;
  stop(): Promise<void>;
}

/** What a node of a virtual cluster is made of. */
export interface NodeParts<S extends StateMachine> {
  readonly name: string;
  readonly voters: readonly string[];
  readonly machine: S;
  readonly transport: Transport;
  readonly disk: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
}

/** Nodes of any algorithm on a virtual clock, a network in memory, and disks in memory. */
export class VirtualCluster<S extends StateMachine, N extends DrivenNode<S>> {
  readonly clock = new VirtualClock();
  readonly members: Member<S, N>[] = [];
  readonly network: MemoryNetwork;
  readonly #createMachine: () => S;
  readonly #createNode: (parts: NodeParts<S>) => N;
  readonly #voters: readonly string[];
  #boots = 0;

  constructor(size: number, createMachine: () => S, createNode: (parts: NodeParts<S>) => N) {
    this.#voters = Array.from({ length: size }, (_, at) => `n${at + 1}`);
    this.#createMachine = createMachine;
    this.#createNode = createNode;
    this.network = createMemoryNetwork({}, { clock: this.clock, random: seededRandom("network") });
  }

  async start(): Promise<this> {
    for (const name of this.#voters) await this.boot(name);
    return this;
  }

  /** Starts a node, on its own disk if it ran before. */
  async boot(name: string, disk: MemoryFileSystem = new MemoryFileSystem()): Promise<Member<S, N>> {
    const transport = this.network.transport(name);
    await transport.start();
    const machine = this.#createMachine();
    const log = this.#createNode({
      ...{ name, voters: this.#voters, machine, transport, disk, clock: this.clock },
      random: seededRandom(`boot ${this.#boots++}`),
    });
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
    for (const other of this.members.map((member) => member.name)) {
      if (other !== name) this.network.partition(name, other);
    }
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
