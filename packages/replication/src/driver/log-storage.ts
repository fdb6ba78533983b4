import type { LogPosition } from "./log-position.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** Where a node keeps what must survive a crash: `Recovered` is what it finds, `Proof` that of a write. */
export interface LogStorage<Recovered, Write, Proof> {
  readonly snapshots: SnapshotStore;
  /** Reads what is there; to be called once, before anything else. */
  load(): Promise<Recovered>;
  /**
   * Makes a write durable and resolves to the proof of it. Calls take effect in their order, also when
   * they do not wait for each other.
   *
   * A rejection is final: the node stops and never writes here again (raft.md, 2).
   */
  persist(write: Write): Promise<Proof>;
  /** What stands before `base` will not be asked for again. */
  compact(base: LogPosition): Promise<void>;
  close(): Promise<void>;
}
