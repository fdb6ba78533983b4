/**
 * What a state machine offers that keeps its state on disk itself: then a node neither restores nor
 * replays all of it at each start. Beside the state it keeps small records, which are the log's: up to
 * where it was applied, and the sessions.
 */
export interface DurableState {
  /**
   * What `run` does to the state and to records is there after a crash all together, or not at all. It
   * need not be there at once; what is there is as of some earlier `batch`, and all before it.
   */
  batch<R>(run: () => R): R;
  /** Resolves when all batches so far are on disk for good: the log may then forget them. */
  flush(): Promise<void>;
  get(name: string): Uint8Array | undefined;
  set(name: string, value: Uint8Array): void;
  delete(name: string): void;
  /** All records whose names begin with `prefix`. A restore of the state leaves none. */
  startingWith(prefix: string): Iterable<readonly [string, Uint8Array]>;
}
