import type { LogPosition } from "../core/log-position.ts";
import type { Persisted, Write } from "../core/persisted.ts";
import type { RecoveredState } from "../core/server.ts";
import type { SnapshotStore } from "./snapshot-store.ts";

/** Where a node keeps what must survive a crash. */
export interface RaftStorage {
  readonly snapshots: SnapshotStore;
  /** Reads what is there; to be called once, before anything else. */
  load(): Promise<RecoveredState>;
  /**
   * Makes a write durable and resolves to the proof of it (`write.persisted()`). Calls take effect
   * in their order, also when they do not wait for each other.
   *
   * A rejection is final: the node stops and never writes here again (raft.md, 2).
   */
  persist(write: Write): Promise<Persisted>;
  /** What stands before `base` will not be asked for again. */
  compact(base: LogPosition): Promise<void>;
  close(): Promise<void>;
}
