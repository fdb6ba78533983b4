import { seededRandom } from "@quorate/runtime";
import {
  type CoreOptions,
  createEntry,
  type Entry,
  LOG_START,
  type LogPosition,
  type Message,
  payloadOf,
  RaftCore,
  RaftLog,
  type RecoveredState,
  type Write,
} from "../src/index.ts";

export interface Envelope {
  readonly from: string;
  readonly to: string;
  readonly message: Message;
}

/** What a disk has: the writes that were completed, and those under way. */
class CoreDisk {
  hardState: RecoveredState["hardState"] = { term: 0, votedFor: undefined };
  snapshot: LogPosition = LOG_START;
  log = new RaftLog();
  pending: Write[] = [];

  complete(write: Write): void {
    if (write.hardState) this.hardState = write.hardState;
    if (write.resetTo) {
      this.snapshot = write.resetTo;
      this.log = new RaftLog(write.resetTo);
    }
    if (write.entries.length > 0) this.log.truncateAfter(write.firstIndex - 1);
    for (const entry of write.entries) this.log.append(entry);
  }

  /** What a node finds when it starts again; the log is a copy, as read from a disk. */
  recovered(): RecoveredState {
    const { base } = this.log;
    const log = new RaftLog(base, this.log.slice(base.index + 1));
    return {
      hardState: { term: this.hardState.term, votedFor: this.hardState.votedFor },
      snapshot: this.snapshot,
      log,
    };
  }
}

export const CORE_DEFAULTS: Omit<CoreOptions, "id" | "voters"> = {
  electionTimeoutMs: 100,
  heartbeatMs: 10,
  maxAppendBytes: 1_000_000,
  maxInflightMessages: 256,
  maxInflightBytes: 1_000_000,
  maxUncommittedBytes: 1_000_000,
};

/** Cores, whose messages and writes happen when the test says so. */
export class CoreCluster {
  readonly cores = new Map<string, RaftCore>();
  readonly disks = new Map<string, CoreDisk>();
  readonly applied = new Map<string, Map<number, Entry>>();
  readonly reads = new Map<string, { readonly id: number; readonly index: number }[]>();
  readonly abandonedReads = new Map<string, number[]>();
  readonly snapshotsToSend: {
    readonly from: string;
    readonly to: string;
    readonly term: number;
  }[] = [];
  /** Messages on their way, in the order in which they were sent. */
  network: Envelope[] = [];
  /** Everything that was ever sent. */
  readonly sent: Envelope[] = [];
  /** Whether writes complete as soon as they are issued. */
  disksAreFast = true;
  /** Whether a message arrives at all. */
  delivers: (envelope: Envelope) => boolean = () => true;
  readonly #options: Partial<CoreOptions>;
  readonly #seed: string;
  readonly voters: readonly string[];

  constructor(size: number, options: Partial<CoreOptions> = {}, seed = "test") {
    this.voters = Array.from({ length: size }, (_, at) => `n${at + 1}`);
    this.#options = options;
    this.#seed = seed;
    for (const id of this.voters) this.boot(id, new CoreDisk());
  }

  core(id: string): RaftCore {
    return this.cores.get(id)!;
  }

  disk(id: string): CoreDisk {
    return this.disks.get(id)!;
  }

  /** Starts a node from what is on its disk; what was not written is lost. */
  boot(id: string, disk: CoreDisk = this.disk(id)): void {
    disk.pending = [];
    const options = { ...CORE_DEFAULTS, ...this.#options, id, voters: this.voters };
    const random = seededRandom(`${this.#seed}/${id}`);
    this.cores.set(id, new RaftCore(options, disk.recovered(), random));
    this.disks.set(id, disk);
    this.applied.set(id, new Map());
    this.reads.set(id, []);
    this.abandonedReads.set(id, []);
  }

  /** Gives a node a disk, before it starts again. */
  install(
    id: string,
    contents: {
      term: number;
      votedFor?: string;
      log: readonly (readonly [term: number, text: string])[];
    },
  ): void {
    const disk = new CoreDisk();
    disk.hardState = { term: contents.term, votedFor: contents.votedFor };
    for (const [term, text] of contents.log) {
      disk.log.append(createEntry(term, "command", bytes(text)));
    }
    this.boot(id, disk);
  }

  /** Gives a node an input, and carries out what it wants. */
  act<T>(id: string, input: (core: RaftCore) => T): T {
    const result = input(this.core(id));
    this.collect(id);
    return result;
  }

  collect(id: string): void {
    const core = this.core(id);
    const ready = core.ready();
    for (const { to, message } of ready.messages) {
      const envelope = { from: id, to, message };
      this.network.push(envelope);
      this.sent.push(envelope);
    }
    if (ready.write) this.disk(id).pending.push(ready.write);
    for (const [at, entry] of ready.committed.entries()) {
      this.applied.get(id)!.set(ready.firstCommittedIndex + at, entry);
    }
    this.reads.get(id)!.push(...ready.reads);
    this.abandonedReads.get(id)!.push(...ready.abandonedReads);
    const { term } = core.server;
    for (const to of ready.snapshotsToSend) this.snapshotsToSend.push({ from: id, to, term });
    if (this.disksAreFast) this.completeWrites(id);
  }

  /** The oldest `count` writes of a node reach its disk. */
  completeWrites(id: string, count = Number.POSITIVE_INFINITY): void {
    const disk = this.disk(id);
    for (let done = 0; done < count && disk.pending.length > 0; done++) {
      const write = disk.pending.shift()!;
      disk.complete(write);
      this.act(id, (core) => core.persisted(write.persisted()));
    }
  }

  /** A snapshot of what a node has applied is on its disk; the log before it goes. */
  compact(id: string, keepEntries: number): void {
    this.completeWrites(id);
    const core = this.core(id);
    const { log, snapshot, commitIndex } = core.server;
    if (commitIndex <= snapshot.index) return;
    const position = { index: commitIndex, term: log.termAt(commitIndex)! };
    const base = core.compact(position, keepEntries);
    const disk = this.disk(id);
    disk.snapshot = position;
    if (base.index > disk.log.base.index) disk.log.compactTo(base.index);
  }

  /** Sends the snapshots that leaders want sent; they arrive whole, or not at all. */
  transferSnapshots(arrives: boolean): void {
    for (const { from, to, term } of this.snapshotsToSend.splice(0)) {
      const { snapshot } = this.core(from).server;
      if (arrives) {
        const message = { type: "install-snapshot", term, last: snapshot } as const;
        this.act(to, (core) => core.receive(from, message));
      }
      this.act(from, (core) => core.snapshotSent(to, snapshot.index, arrives));
    }
  }

  /** From now on only what this lets through arrives. */
  connect(delivers: (way: { readonly from: string; readonly to: string }) => boolean): void {
    this.delivers = delivers;
  }

  /** Delivers what is on its way, and what follows from it, until nothing is. */
  settle(): void {
    for (let next = this.network.shift(); next; next = this.network.shift()) this.deliver(next);
  }

  deliver(envelope: Envelope): void {
    if (!this.delivers(envelope)) return;
    this.act(envelope.to, (core) => core.receive(envelope.from, envelope.message));
  }

  tick(id: string, ms: number): void {
    this.act(id, (core) => core.tick(ms));
  }

  /** Lets time pass on all nodes, in steps, and delivers what comes of it. */
  run(ms: number, stepMs = 10): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const id of this.voters) this.tick(id, stepMs);
      this.settle();
    }
  }

  /** Lets `id` campaign and win: the others have not heard of a leader for long enough. */
  elect(id: string): void {
    for (const other of this.voters) {
      if (other !== id) this.act(other, (core) => core.tick(CORE_DEFAULTS.electionTimeoutMs - 1));
    }
    for (let waited = 0; this.core(id).role === "follower" && waited < 300; waited += 10) {
      this.tick(id, 10);
    }
    this.settle();
  }

  propose(id: string, text: string): number | "overloaded" | undefined {
    return this.act(id, (core) => core.propose(bytes(text)));
  }

  get leaders(): string[] {
    return this.voters.filter((id) => this.core(id).role === "leader");
  }

  /** What a node has in its log, as "term:text" from its first entry on. */
  logOf(id: string): string[] {
    return this.core(id).server.log.slice(1).map(show);
  }

  /** What a node has applied, in order; the entries without a command are left out. */
  appliedBy(id: string): string[] {
    const entries = [...this.applied.get(id)!.values()];
    return entries.filter(({ kind }) => kind === "command").map(textOf);
  }

  /** All messages of a kind that were sent so far. */
  sentOf<T extends Message["type"]>(
    type: T,
  ): (Envelope & { message: Extract<Message, { type: T }> })[] {
    return this.sent.filter((envelope) => envelope.message.type === type) as never;
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(entry: Entry): string {
  return new TextDecoder().decode(payloadOf(entry));
}

function show(entry: Entry): string {
  return `${entry.term}:${entry.kind === "noop" ? "-" : textOf(entry)}`;
}

/** Cuts off nodes from the others, both ways. */
export function isolated(...ids: string[]): (envelope: Envelope) => boolean {
  return ({ from, to }) => ids.includes(from) === ids.includes(to);
}
