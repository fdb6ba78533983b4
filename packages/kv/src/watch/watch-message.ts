import type { EventBatch } from "./watch-event.ts";

/** What a stream of watches is told. All events of a watch come in their order, each once. */
export type WatchMessage =
  /**
   * Events of whole revisions: of one revision all are in one message, or `isFragment` is set and the
   * next message of this watch goes on with it.
   */
  | {
      readonly kind: "events";
      readonly watchId: number;
      /** The store's revision when they were taken, at least that of the last event. */
      readonly revision: number;
      readonly batch: EventBatch;
      readonly isFragment: boolean;
    }
  /** The watch was told everything up to this revision. */
  | { readonly kind: "progress"; readonly watchId: number; readonly revision: number }
  /**
   * The watch is over: what it was to be told next is compacted. What was not told is lost to it; one
   * that begins at `compactRevision`, after a read there, misses nothing.
   */
  | { readonly kind: "compacted"; readonly watchId: number; readonly compactRevision: number };
