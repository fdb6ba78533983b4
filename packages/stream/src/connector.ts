/** Records that were read together, and where to read on after them. */
export interface Batch<T> {
  readonly records: readonly T[];
  /**
   * Which split (partition, file) of the source: each has its own position and watermark.
   *
   * @default ""
   */
  readonly split?: string;
  /** Where to read the split on after these: any plain value; it is kept in checkpoints. */
  readonly position: unknown;
  /**
   * Nothing more of this split: it no longer holds the watermark back.
   *
   * @default false
   */
  readonly isLast?: boolean;
}

export interface SourceContext {
  /** Of the source in the pipeline. */
  readonly id: string;
  readonly subtask: number;
  readonly subtasks: number;
  /**
   * Where to read on, by split, as the checkpoint has it (of all subtasks); a split that is not in it
   * is read from its start.
   */
  readonly positions: ReadonlyMap<string, unknown>;
  /** Aborts when nothing more is wanted: a read that waits should end. */
  readonly signal: AbortSignal;
}

/**
 * Where records come from. Replayable: from one position of a split, always the same records follow.
 *
 * A split counts from its first batch, an empty one too: announce all known splits by empty batches
 * first, so that none runs ahead of another that was not read yet. Which subtask reads a split is the
 * source's choice, the same for as long as it is open.
 */
export interface Source<T> {
  /** Called once for each subtask, at the start and at each restart. */
  open(context: SourceContext): SourceReader<T> | Promise<SourceReader<T>>;
}

/** Batches one after the other; `return()` of the iterator closes it. */
export type SourceReader<T> = (Iterable<Batch<T>> | AsyncIterable<Batch<T>>) & {
  /**
   * A checkpoint with these positions (of the splits of this reader) is kept: to commit offsets for
   * others to see, to acknowledge.
   */
  checkpointed?(positions: ReadonlyMap<string, unknown>): void | Promise<void>;
};

export interface SinkContext {
  /** Of the sink in the pipeline. */
  readonly id: string;
  readonly subtask: number;
  readonly subtasks: number;
}

/**
 * Where results go, in transactions that are committed once the checkpoint that knows of them is kept
 * (two-phase commit). An idempotent sink writes at once and does nothing in the others.
 */
export interface Sink<T> {
  /**
   * Once before any writer is opened, also at a fresh start: commits these transactions (those that
   * are committed already have no effect) and drops all else that this sink left prepared or open.
   */
  recover(context: Pick<SinkContext, "id">, transactions: readonly unknown[]): void | Promise<void>;
  /** Called once for each subtask, at the start and at each restart. */
  open(context: SinkContext): SinkWriter<T> | Promise<SinkWriter<T>>;
}

export interface SinkWriter<T> {
  /** Adds to the open transaction. */
  write(records: readonly T[]): void | Promise<void>;
  /**
   * Closes it so that it can surely be committed; returns its name, a plain value (or a promise of
   * it); undefined: nothing was written.
   */
  prepare(checkpointId: number): unknown;
  /** Makes a prepared transaction visible. Has no effect on one that is committed. */
  commit(transaction: unknown): void | Promise<void>;
  /** Gives up what it holds; what is open is dropped. */
  close?(): void | Promise<void>;
}
