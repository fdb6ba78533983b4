import type { ByteString } from "../byte-string.ts";
import type { Entry } from "../history/entry.ts";
import type { Records } from "./records.ts";

/** What is read of the versions that an engine holds. Ranges are named as in `Range`. */
export interface StoreReads {
  /** How many keys there are now. */
  readonly size: number;
  /** A key as it is now; undefined if it does not exist. */
  get(key: ByteString): Entry | undefined;
  /** The keys of a range as they are now, in order, at most `max`. */
  range(key: ByteString, rangeEnd: ByteString, max?: number): Entry[];
  /** The keys of a range as they are now, from the last down, at most `max`. */
  rangeDown(key: ByteString, rangeEnd: ByteString, max: number): Entry[];
  /** How many keys a range has now. */
  count(key: ByteString, rangeEnd: ByteString): number;
  /** As `range`, at a revision from the compacted one on. */
  rangeAt(revision: number, key: ByteString, rangeEnd: ByteString, max?: number): Entry[];
  /**
   * What was written from `revision` on (no earlier than what was compacted) in its order, tombstones
   * too: whole revisions, until at least `max` changes are together.
   */
  changes(revision: number, max: number): Entry[];
}

/** What `sweep` did. */
export interface Swept {
  readonly removed: readonly Entry[];
  /** Everything before this revision has been swept. */
  readonly upTo: number;
}

/** The versions as they were at one moment, for a snapshot. */
export interface StoreView {
  /** What was swept and stays: the last version before the swept revision of each key that has one. */
  base(): Iterable<Entry>;
  /** What was written since, from a revision on, in its order. */
  changes(from: number): Iterable<Entry>;
  /** Gives the view's memory back; it must not be read any more. */
  release(): void;
}

/**
 * Where versions of keys are kept. The store above it says which; an engine only finds them again. All
 * is synchronous, and reads see the writes of the transaction under way.
 */
export interface StoreEngine extends StoreReads {
  /** The longest key that it takes, in bytes. */
  readonly maxKeyBytes: number;
  /** Undefined where nothing outlives the process. */
  readonly records: Records | undefined;
  /** What `run` does becomes durable together, or not at all. May be nested. */
  batch<R>(run: () => R): R;
  /** Resolves when all that was done before is on disk. */
  flush(): Promise<void>;
  /** An empty engine that is to take the place of this one, once it is `adopt`ed. */
  fresh(): StoreEngine;
  /** Takes the place of the one that made it, of which nothing is left; all at once. */
  adopt(): void;
  close(): Promise<void>;
  /** Adds a version to its key: later in the order of changes than all that are there. */
  write(entry: Entry): void;
  /** Ends a transaction. */
  commit(): void;
  /** Takes back what was written since the last `commit`. */
  rollback(): void;
  /**
   * Goes on with forgetting what is not needed for reads and changes from revision `below` on: takes
   * changes in their order out of the log, as many whole revisions as have at least `max` together,
   * and of each key what came before such a change, and tombstones among them.
   */
  sweep(below: number, max: number): Swept;
  /** Adds a version that was swept already, into an engine that has none of its key. */
  load(entry: Entry): void;
  view(): StoreView;
}
