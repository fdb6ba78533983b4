import { seededRandom } from "@quorate/runtime";
import {
  type AcceptorState,
  born,
  type Identity,
  type Message,
  type QuorumSystem,
  reborn,
  SynodCore,
  type SynodCoreOptions,
  type Write,
} from "../src/index.ts";

/** Values are words here: the core does not look at them. */
export type Word = string;

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly message: Message<Word>;
}

/** What a node's disk has, and the writes that are under way. */
interface CoreDisk {
  identity: Identity | undefined;
  state: AcceptorState<Word> | undefined;
  pending: Write<AcceptorState<Word>>[];
}

export const CORE_DEFAULTS: Omit<SynodCoreOptions, "quorums"> = {
  retransmitMs: 50,
  minBackoffMs: 50,
  maxBackoffMs: 1_600,
};

/** Cores, whose messages and writes happen when the test says so. */
export class SynodCluster {
  readonly quorums: QuorumSystem;
  readonly cores = new Map<string, SynodCore<Word>>();
  readonly disks = new Map<string, CoreDisk>();
  /** Messages on their way, in the order in which they were sent. */
  network: Envelope[] = [];
  /** Everything that was ever sent. */
  readonly sent: Envelope[] = [];
  /** Told of each state that has become durable, node by node. */
  onDurable: (id: string, state: AcceptorState<Word>) => void = () => {};
  /** Whether writes complete as soon as they are issued. */
  disksAreFast = true;
  /** Whether a message arrives at all. */
  delivers: (envelope: Envelope) => boolean = () => true;
  readonly #seed: string;
  #boots = 0;

  constructor(quorums: QuorumSystem, seed = "test") {
    this.quorums = quorums;
    this.#seed = seed;
    for (const id of quorums.nodes) {
      this.disks.set(id, { identity: undefined, state: undefined, pending: [] });
      this.boot(id, true);
    }
  }

  get nodes(): readonly string[] {
    return this.quorums.nodes;
  }

  core(id: string): SynodCore<Word> {
    return this.cores.get(id)!;
  }

  disk(id: string): CoreDisk {
    return this.disks.get(id)!;
  }

  /** Starts a node from what is on its disk; what was not written is lost. */
  boot(id: string, isBootstrap = false): void {
    const disk = this.disk(id);
    const random = seededRandom(`${this.#seed}/${id}/${this.#boots++}`);
    disk.pending = [];
    disk.identity = disk.identity ? reborn(disk.identity) : born(id, isBootstrap, random);
    const options = { ...CORE_DEFAULTS, quorums: this.quorums };
    this.cores.set(id, new SynodCore(options, disk.identity, disk.state, random));
  }

  /** A node loses its disk, and starts again. */
  wipe(id: string): void {
    this.disks.set(id, { identity: undefined, state: undefined, pending: [] });
    this.boot(id);
  }

  /** Gives a node an input, and carries out what it wants. */
  act(id: string, input: (core: SynodCore<Word>) => void): void {
    const core = this.core(id);
    input(core);
    const { messages, write } = core.ready();
    for (const { to, message } of messages) {
      const envelope = { from: id, to, message };
      this.network.push(envelope);
      this.sent.push(envelope);
    }
    if (write) this.disk(id).pending.push(write);
    if (this.disksAreFast) this.completeWrites(id);
  }

  /** The oldest `count` writes of a node reach its disk. */
  completeWrites(id: string, count = Number.POSITIVE_INFINITY): void {
    const disk = this.disk(id);
    for (let done = 0; done < count && disk.pending.length > 0; done++) {
      const write = disk.pending.shift()!;
      for (const state of write.records) this.onDurable(id, state);
      disk.state = write.records.at(-1)!;
      this.act(id, (core) => core.persisted(write.persisted()));
    }
  }

  propose(id: string, value: Word): void {
    this.act(id, (core) => core.propose(value));
  }

  deliver(envelope: Envelope): void {
    if (!this.delivers(envelope)) return;
    this.act(envelope.to, (core) => core.receive(envelope.from, envelope.message));
  }

  /** Delivers what is on its way, and what follows from it, until nothing is. */
  settle(): void {
    for (let next = this.network.shift(); next; next = this.network.shift()) this.deliver(next);
  }

  tick(id: string, ms: number): void {
    this.act(id, (core) => core.tick(ms));
  }

  /** Lets time pass on all nodes, in steps, and delivers what comes of it. */
  run(ms: number, stepMs = 10): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const id of this.nodes) this.tick(id, stepMs);
      this.settle();
    }
  }

  chosenBy(id: string): Word | undefined {
    return this.core(id).chosen?.value;
  }

  /** All messages of a kind that were sent so far. */
  sentOf<T extends Message<Word>["type"]>(
    type: T,
  ): (Envelope & { message: Extract<Message<Word>, { type: T }> })[] {
    return this.sent.filter((envelope) => envelope.message.type === type) as never;
  }
}

/** Cuts off nodes from the others, both ways. */
export function isolated(...ids: string[]): (envelope: Envelope) => boolean {
  return ({ from, to }) => ids.includes(from) === ids.includes(to);
}
