import type { CommandErrorCode } from "../kv-error.ts";
import type { WatchRequest } from "../watch/watch-request.ts";

/** What a client says on its stream of watches. Ids are the client's, unique in the stream. */
export type WatchCall =
  | {
      readonly kind: "watch";
      readonly watchId: number;
      /** From a revision on, and not from whatever is the node's current one. */
      readonly request: Required<WatchRequest>;
    }
  | { readonly kind: "cancel"; readonly watchId: number }
  /** Say how far all are, once the log has confirmed, within the time, that the node is up to date. */
  | { readonly kind: "progress"; readonly timeoutMs: number };

/** What a node says there. Several watches that are told the same are told at once. */
export type WatchNews =
  | {
      readonly kind: "events";
      readonly watchIds: readonly number[];
      /** Whether the next events of these watches go on with the last one's revision. */
      readonly isFragment: boolean;
      /** As `EventBatch` encodes them. */
      readonly events: Uint8Array;
    }
  | { readonly kind: "progress"; readonly watchIds: readonly number[]; readonly revision: number }
  | { readonly kind: "compacted"; readonly watchId: number; readonly compactRevision: number }
  | {
      readonly kind: "refused";
      readonly watchId: number;
      readonly code: CommandErrorCode | "overloaded";
    }
  /** The node is up to date: it answers a `progress`, also where there are no watches. */
  | { readonly kind: "alive" };

// The places are the numbers on the wire: new ones go to the end.
export const CALL_KINDS = ["watch", "cancel", "progress"] as const;
export const NEWS_KINDS = ["events", "progress", "compacted", "refused", "alive"] as const;
