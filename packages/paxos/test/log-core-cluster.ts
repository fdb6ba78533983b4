import { type Entry, LOG_START, type LogPosition, payloadOf } from "@quorate/replication/driver";
import { seededRandom } from "@quorate/runtime";
import { type Ballot, born, higherBallot, NO_BALLOT, reborn, type Write } from "../src/index.ts";
import {
  type AcceptedSlot,
  type Change,
  type DecidedConfiguration,
  LogCore,
  type LogCoreOptions,
  type LogMessage,
  type LogRecord,
  SlotLog,
} from "../src/log/index.ts";

export interface LogEnvelope {
  readonly from: string;
  readonly to: string;
  readonly message: LogMessage;
}

/** What a disk has: the records that were written, and the writes under way. */
export class LogDisk {
  identity: ReturnType<typeof born>;
  promised: Ballot = NO_BALLOT;
  decided = 0;
  configurations: readonly DecidedConfiguration[] = [];
  snapshot: LogPosition = LOG_START;
  accepted = new Map<number, AcceptedSlot>();
  pending: Write<LogRecord>[] = [];

  constructor(identity: ReturnType<typeof born>) {
    this.identity = identity;
  }

  complete(write: Write<LogRecord>): void {
    for (const record of write.records) this.#complete(record);
  }

  /** What a node finds when it starts again. */
  recovered(): ConstructorParameters<typeof LogCore>[2] {
    const { promised, configurations, snapshot } = this;
    const decided = Math.max(this.decided, snapshot.index);
    const kept = [...this.accepted.values()].filter(({ slot }) => slot > snapshot.index);
    return { promised, decided, configurations, snapshot, log: new SlotLog(snapshot, kept) };
  }

  #complete(record: LogRecord): void {
    this.decided = Math.max(this.decided, record.decided);
    if (record.kind === "state") {
      this.promised = record.promised;
      this.configurations = record.configurations;
      return;
    }
    const { ballot, first, entries } = record;
    this.promised = higherBallot(this.promised, ballot);
    for (const [at, entry] of entries.entries()) {
      this.accepted.set(first + at, { slot: first + at, ballot, entry });
    }
  }
}

export const LOG_CORE_DEFAULTS: Omit<LogCoreOptions, "id" | "voters"> = {
  window: 8,
  electionTimeoutMs: 100,
  heartbeatMs: 10,
  maxAppendBytes: 1_000_000,
  maxInflightMessages: 256,
  maxInflightBytes: 1_000_000,
  maxUncommittedBytes: 1_000_000,
};

/** Cores, whose messages and writes happen when the test says so. */
export class LogCoreCluster {
  readonly cores = new Map<string, LogCore>();
  readonly disks = new Map<string, LogDisk>();
  readonly applied = new Map<string, Map<number, Entry>>();
  readonly reads = new Map<string, { readonly id: number; readonly index: number }[]>();
  readonly abandonedReads = new Map<string, number[]>();
  readonly changesEnded: { readonly id: number; readonly index: number | undefined }[] = [];
  readonly snapshotsToSend: {
    readonly from: string;
    readonly to: string;
    readonly term: number;
  }[] = [];
  /** Messages on their way, in the order in which they were sent. */
  network: LogEnvelope[] = [];
  /** Everything that was ever sent. */
  readonly sent: LogEnvelope[] = [];
  /** Whether writes complete as soon as they are issued. */
  disksAreFast = true;
  /** Whether a message arrives at all. */
  delivers: (envelope: LogEnvelope) => boolean = () => true;
  /** All nodes. */
  readonly voters: readonly string[];
  /** Those that vote in the first slots. */
  readonly initial: readonly string[];
  readonly #options: Partial<LogCoreOptions>;
  readonly #seed: string;
  #lastChange = 0;
  #births = 0;

  constructor(
    size: number,
    options: Partial<LogCoreOptions> = {},
    seed: string = "test",
    initial: number = size,
  ) {
    this.voters = Array.from({ length: size }, (_, at) => `n${at + 1}`);
    this.initial = this.voters.slice(0, initial);
    this.#options = options;
    this.#seed = seed;
    for (const id of this.voters) this.boot(id, this.#newDisk(id, this.initial.includes(id)));
  }

  core(id: string): LogCore {
    return this.cores.get(id)!;
  }

  disk(id: string): LogDisk {
    return this.disks.get(id)!;
  }

  acceptor(id: string): LogCore["server"]["acceptor"] {
    return this.core(id).server.acceptor;
  }

  /** Starts a node from what is on its disk; what was not written is lost. */
  boot(id: string, disk: LogDisk = this.disk(id)): void {
    disk.pending = [];
    disk.identity = reborn(disk.identity);
    const options = { ...LOG_CORE_DEFAULTS, ...this.#options, id, voters: this.initial };
    const random = seededRandom(`${this.#seed}/${id}`);
    this.cores.set(id, new LogCore(options, disk.identity, disk.recovered(), random));
    this.disks.set(id, disk);
    this.applied.set(id, new Map());
    this.reads.set(id, []);
    this.abandonedReads.set(id, []);
  }

  /** A node loses its data, and starts again with nothing. */
  wipe(id: string): void {
    this.boot(id, this.#newDisk(id, false));
  }

  /** Gives a node an input, and carries out what it wants. */
  act<T>(id: string, input: (core: LogCore) => T): T {
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
    this.changesEnded.push(...core.takeChangesEnded());
    const { term } = core.server;
    for (const to of ready.snapshotsToSend) this.snapshotsToSend.push({ from: id, to, term });
    if (this.disksAreFast) this.completeWrites(id);
  }

  /** The oldest `count` writes of a node reach its disk. */
  completeWrites(id: string, count: number = Number.POSITIVE_INFINITY): void {
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
    const { acceptor, snapshot } = core.server;
    const index = acceptor.mayApplyUpTo;
    if (index <= snapshot.index) return;
    const position = { index, term: acceptor.log.entryAt(index)!.term };
    core.compact(position, keepEntries);
    this.disk(id).snapshot = position;
  }

  /** Sends the snapshots that leaders want sent; they arrive whole, or not at all. */
  transferSnapshots(arrives: boolean): void {
    for (const { from, to, term } of this.snapshotsToSend.splice(0)) {
      const { snapshot } = this.core(from).server;
      const taken = arrives && this.core(to).wantsSnapshot(term, snapshot);
      if (taken) {
        this.disk(to).snapshot = snapshot;
        this.act(to, (core) => core.snapshotReceived(from, term, snapshot));
      }
      this.act(from, (core) => core.snapshotSent(to, snapshot.index, taken));
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

  deliver(envelope: LogEnvelope): void {
    if (!this.delivers(envelope)) return;
    this.act(envelope.to, (core) => core.receive(envelope.from, envelope.message));
  }

  tick(id: string, ms: number): void {
    this.act(id, (core) => core.tick(ms));
  }

  /** Lets time pass on all nodes, in steps, and delivers what comes of it. */
  run(ms: number, stepMs: number = 10): void {
    for (let passed = 0; passed < ms; passed += stepMs) {
      for (const id of this.voters) this.tick(id, stepMs);
      this.settle();
    }
  }

  /** Lets `id` campaign and win: the others have not heard of a leader for long enough. */
  elect(id: string): void {
    for (const other of this.voters) {
      if (other !== id) this.tick(other, LOG_CORE_DEFAULTS.electionTimeoutMs - 1);
    }
    for (let waited = 0; this.core(id).role === "follower" && waited < 300; waited += 10) {
      this.tick(id, 10);
    }
    this.settle();
  }

  propose(id: string, text: string): number | "overloaded" | undefined {
    return this.act(id, (core) => core.propose(bytes(text)));
  }

  /** Returns its number; its end is in `changesEnded`. */
  reconfigure(id: string, change: Change): number {
    const number = ++this.#lastChange;
    this.act(id, (core) => core.reconfigure(number, change));
    return number;
  }

  get leaders(): string[] {
    return this.voters.filter((id) => this.core(id).role === "leader");
  }

  /** What a node has applied, in order; the entries without a command are left out. */
  appliedBy(id: string): string[] {
    const entries = [...this.applied.get(id)!.values()];
    return entries.filter(({ kind }) => kind === "command").map(textOf);
  }

  /** All messages of a kind that were sent so far. */
  sentOf<T extends LogMessage["type"]>(
    type: T,
  ): (LogEnvelope & { message: Extract<LogMessage, { type: T }> })[] {
    return this.sent.filter((envelope) => envelope.message.type === type) as never;
  }

  #newDisk(id: string, isBootstrap: boolean): LogDisk {
    const random = seededRandom(`${this.#seed}/${id}/${this.#births++}`);
    return new LogDisk(born(id, isBootstrap, random));
  }
}

export function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function textOf(entry: Entry): string {
  return new TextDecoder().decode(payloadOf(entry));
}

/** Cuts off nodes from the others, both ways. */
export function isolated(...ids: string[]): (way: Pick<LogEnvelope, "from" | "to">) => boolean {
  return ({ from, to }) => ids.includes(from) === ids.includes(to);
}
