import type { WatchEvent } from "../../watch/watch-event.ts";
import type { WatchRequest } from "../../watch/watch-request.ts";
import type { CallOptions } from "../client-options.ts";

/** What to watch, and how. */
export interface WatchOptions extends CallOptions, Omit<WatchRequest, "key" | "rangeEnd"> {
  /**
   * Also give marks of progress: batches without events, now and then while nothing happens
   * (`watchProgressMs`). The watch was told everything up to their revision.
   *
   * @default false
   */
  readonly progress?: boolean;
  /**
   * Milliseconds, above 0, without any node that can tell the watch, after which it fails as
   * `unavailable`; `Infinity` for never.
   *
   * @default the client's
   */
  readonly timeoutMs?: number;
}

/**
 * A watch. Its events are ordered, unique, and atomic; those of a revision are in one batch, unless that is
 * a marked fragment. It goes on by itself when its node is lost, without gap or repeat.
 *
 * For one reader. One that takes its batches slowly is told the rest from the store's history later; where
 * that is compacted meanwhile, the watch ends. Leaving the loop ends it, too.
 *
 * @throws {KvError} (by the iteration) `compacted`, with `compactRevision`; `unavailable`, `stopped`,
 *   `overloaded`, `empty-key`.
 * @throws the signal's reason when it aborts.
 */
export interface KvWatch extends AsyncIterableIterator<WatchBatch>, AsyncDisposable {
  /** The first revision of which it tells changes: without `startRevision`, the one after the current. */
  readonly started: Promise<number>;
}

/** Some of what a watch is told. */
export interface WatchBatch {
  /** Everything up to this revision has been told, unless it is a fragment. */
  readonly revision: number;
  /** In the order of their revisions; empty in a mark of progress. */
  readonly events: readonly WatchEvent[];
  /** Whether the next batch goes on with the last event's revision, which was too large for one. */
  readonly isFragment: boolean;
}
