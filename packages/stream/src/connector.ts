/** Records that were read together, and where to read on after them. */
export interface Batch<T> {
  readonly records: readonly T[];
  /** Any plain value: it is kept in checkpoints. */
  readonly position: unknown;
}

/** Where records come from. Replayable: from one position, always the same records follow. */
export interface Source<T> {
  /** Reads on after `position`; from the start if it is undefined. */
  read(position: unknown): Iterable<Batch<T>> | AsyncIterable<Batch<T>>;
}

/**
 * Where results go, in transactions that are committed once the checkpoint that knows of them is kept
 * (two-phase commit). A sink that is idempotent may write at once and do nothing in the others.
 */
export interface Sink<T> {
  /** Adds to the open transaction. */
  write(records: readonly T[]): void | Promise<void>;
  /** Closes it so that it can surely be committed; returns its name, a plain value, for `commit`. */
  prepare(checkpointId: number): unknown;
  /** Makes a prepared transaction visible. Has no effect on one that is committed. */
  commit(transaction: unknown): void | Promise<void>;
  /** After a crash: drops what is open, and all that is prepared but `transaction`. */
  recover(transaction: unknown): void | Promise<void>;
}
