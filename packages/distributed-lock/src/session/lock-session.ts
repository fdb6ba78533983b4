import type { LossCause } from "../lock-error.ts";

/**
 * What many locks are held under: one renewal for all of them, and one fate.
 *
 * Its time counts from when the renewal that was acknowledged last was *sent*, on this process's
 * monotonic clock, so that it ends here before it ends in the store, also when nothing is heard from
 * there any more.
 */
export interface LockSession extends AsyncDisposable {
  readonly id: string;
  /** `safe`; `jeopardy` while renewals go unanswered and locks are still held; `ended`, for good. */
  readonly state: "safe" | "jeopardy" | "ended";
  /** On the monotonic clock, in milliseconds: from then on its locks may not be counted on. */
  readonly validUntil: number;
  /** Told from now on, of each change of `state`, before the locks' own signals abort. */
  onEvent(listener: (event: SessionEvent) => void): () => void;
  /** Ends it: what was held under it is released at once. Never rejects; waits a limited time. */
  close(): Promise<void>;
}

/**
 * - `jeopardy`: no renewal was acknowledged for two thirds of the session's time: stop what must not
 *   go on without the locks, or hope.
 * - `safe`: one was.
 * - `expired`: its locks are lost, with this cause.
 */
export type SessionEvent =
  | { readonly kind: "jeopardy" | "safe" }
  | { readonly kind: "expired"; readonly cause: LossCause };
