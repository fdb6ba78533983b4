import type { Transport, Unsubscribe } from "@quorate/transport";
import { ReplicationError } from "../replication-error.ts";
import type { SessionedStateMachine } from "../sessioned-state-machine.ts";
import type { Applier } from "./applier.ts";
import type { CoreInput } from "./consensus-core.ts";
import type { Counters } from "./counters.ts";
import type { LogPosition } from "./log-position.ts";
import type { LogStorage } from "./log-storage.ts";
import { SnapshotTransfer } from "./snapshot-transfer.ts";

/** When to take a snapshot, and how much of the log stays behind it. */
export interface SnapshotPolicy {
  readonly snapshotAfterBytes: number;
  readonly catchUpEntries: number;
}

/** Told what became of the snapshot that ends at `index`. */
export type SnapshotTold = (kind: "taken" | "sent" | "received" | "damaged", index: number) => void;

/** Takes snapshots when the log has grown, restores them, and moves them between nodes. */
export class SnapshotKeeper {
  readonly #policy: SnapshotPolicy;
  readonly #storage: LogStorage<unknown, never, unknown>;
  readonly #machine: SessionedStateMachine;
  readonly #engine: CoreInput;
  readonly #applier: Applier;
  readonly #counters: Counters;
  readonly #tell: SnapshotTold;
  readonly #transfer: SnapshotTransfer;
  readonly #unsubscribe: Unsubscribe;
  readonly #fail: (error: unknown) => void;
  readonly #underWay = new Set<Promise<void>>();
  /** The last restore: two at once would leave whichever is over last, and that may be the older one. */
  #lastRestore: Promise<void> = Promise.resolve();
  #taking = false;
  #stopped = false;

  constructor(
    policy: SnapshotPolicy,
    parts: {
      readonly storage: LogStorage<unknown, never, unknown>;
      readonly machine: SessionedStateMachine;
      readonly engine: CoreInput;
      readonly applier: Applier;
      readonly counters: Counters;
      readonly transport: Transport;
      readonly protocol: string;
      readonly tell: SnapshotTold;
    },
    /** Told of what must stop the node: a disk that fails, a state that cannot be restored. */
    fail: (error: unknown) => void,
  ) {
    this.#policy = policy;
    this.#storage = parts.storage;
    this.#machine = parts.machine;
    this.#engine = parts.engine;
    this.#applier = parts.applier;
    this.#counters = parts.counters;
    this.#fail = fail;
    this.#tell = parts.tell;
    const { protocol } = parts;
    this.#transfer = new SnapshotTransfer(parts.transport, protocol, parts.storage.snapshots);
    this.#unsubscribe = parts.transport.onStream(protocol, (from, stream) =>
      this.#transfer.receive(
        from,
        stream,
        ({ term, last }) => !this.#stopped && this.#engine.core.wantsSnapshot(term, last),
        (leader, { term, last }) => {
          this.#counters.snapshotsReceived++;
          this.#tell("received", last.index);
          this.#engine.input((core) => core.snapshotReceived(leader, term, last));
        },
      ),
    );
  }

  /** Takes a snapshot if the log has grown enough, and none is being taken. */
  takeIfDue(): void {
    if (this.#applier.bytesSinceSnapshot >= this.#policy.snapshotAfterBytes) this.#begin();
  }

  /** Gives the state machine the snapshot that the core took over from a leader. */
  restore(position: LogPosition): void {
    this.#applier.restoreBegins();
    this.#lastRestore = this.#lastRestore.then(() => this.#restore(position));
    this.#track(this.#lastRestore);
  }

  /** What the transport loses is tried again when the core asks again. */
  send(to: string): void {
    const sending = this.#whole()
      .then(() => this.#transfer.send(to, this.#engine.core.server.term))
      .then(
        (position) => {
          this.#counters.snapshotsSent++;
          this.#tell("sent", position.index);
          this.#engine.input((core) => core.snapshotSent(to, position.index, true));
        },
        (error: unknown) => {
          this.#engine.input((core) => core.snapshotSent(to, 0, false));
          if (error instanceof ReplicationError && error.code === "damaged") this.#replace();
        },
      );
    this.#track(sending);
  }

  /** Resolves when nothing is read or written any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    this.#transfer.stop();
    await Promise.allSettled(this.#underWay);
  }

  /**
   * The file on this node's disk has rotted. What it held is in memory still, so another is made: else
   * whoever needs it would wait for as long as this node leads.
   */
  #replace(): void {
    this.#tell("damaged", this.#engine.core.server.snapshot.index);
    this.#begin();
  }

  #begin(): void {
    if (this.#taking || this.#applier.isRestoring || this.#stopped) return;
    this.#taking = true;
    this.#track(this.#take().finally(() => (this.#taking = false)));
  }

  /**
   * A machine that keeps its state itself has only to have it on disk: of it, a snapshot is a place in
   * the log, and a whole one is written when a follower needs it.
   */
  async #take(): Promise<void> {
    this.#applier.snapshotBegins();
    const position = this.#applier.last;
    const { durable } = this.#machine.machine;
    if (durable) await durable.flush();
    await this.#save(position, durable ? nothing() : this.#machine.snapshot());
  }

  async #whole(): Promise<void> {
    if (!this.#machine.machine.durable || this.#applier.isRestoring) return;
    await this.#save(this.#applier.last, this.#machine.snapshot());
  }

  async #save(position: LogPosition, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#storage.snapshots.save(position, chunks);
    // A snapshot from a leader may have overtaken this one.
    if (this.#stopped || position.index <= this.#engine.core.server.snapshot.index) return;
    const base = this.#engine.core.compact(position, this.#policy.catchUpEntries);
    await this.#storage.compact(base);
    this.#counters.snapshotsTaken++;
    this.#tell("taken", position.index);
  }

  async #restore(position: LogPosition): Promise<void> {
    // The one before has found this one, or a later one, on the disk already.
    if (position.index <= this.#applier.last.index) return this.#applier.restoreEnds();
    const snapshot = await this.#storage.snapshots.open();
    if (!snapshot || snapshot.position.index < position.index) {
      throw new ReplicationError("damaged", `the snapshot of ${position.index} is not on the disk`);
    }
    await snapshot.file.giveTo((chunks) => this.#applier.restore(snapshot.position, chunks));
  }

  #track(work: Promise<void>): void {
    const done = work.catch((error: unknown) => {
      if (!this.#stopped) this.#fail(error);
    });
    this.#underWay.add(done);
    void done.then(() => this.#underWay.delete(done));
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
