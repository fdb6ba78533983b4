import type { Persisted, Write } from "../../core/persistence.ts";
import type { KeyState, RegisterRecord } from "../core/register-record.ts";
import type { RegisterMeta } from "./log-record.ts";

/** What a node finds when it starts. */
export interface LoadedRegister extends RegisterMeta {
  /** Keys that hold nothing: to be collected. Not more than some thousands. */
  readonly empty: readonly string[];
}

/** Some of a node's keys. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** Where the next page begins; undefined after the last. */
  readonly next: number | undefined;
}

/** Where a node keeps what must survive a crash. */
export interface RegisterStorage {
  /**
   * Begins the node's next life: what it had, under a new incarnation, which is durable when this
   * resolves. To be called once, before anything else.
   */
  load(): Promise<LoadedRegister>;
  /** What it has of a key, at once where that needs no file. To be asked only of what is durable. */
  read(key: string): KeyState | Promise<KeyState>;
  /**
   * Makes a write durable and resolves to the proof of it (`write.persisted()`). Calls take effect in
   * their order, also when they do not wait for each other. A rejection is final.
   */
  persist(write: Write<RegisterRecord>): Promise<Persisted>;
  /**
   * Keys from `cursor` on, 0 for the first, in no order. All that are there from the first page to the
   * last are given; those that are written meanwhile may come several times.
   */
  keys(cursor: number): Promise<KeyPage>;
  metrics(): RegisterStorageMetrics;
  close(): Promise<void>;
}

export interface RegisterStorageMetrics {
  /** Keys that this acceptor has a state of. */
  readonly keys: number;
  /** Bytes of the index in memory. */
  readonly indexBytes: number;
  /** Records in the log, of which those that a later one replaced are waste. */
  readonly records: number;
}
