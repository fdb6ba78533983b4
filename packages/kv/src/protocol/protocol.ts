import type { ReadConsistency, RejectionReason, UnknownReason } from "@quorate/replication";
import type { CommandErrorCode } from "../kv-error.ts";
import type { Lease } from "../lease/lease-table.ts";

/**
 * What a client asks of a node, with others of its kind in one message. Commands are as `encodeCommand` made
 * them.
 */
export type Request =
  | {
      readonly kind: "propose";
      readonly timeoutMs: number;
      readonly sessionId: number;
      readonly sequence: number;
      readonly answeredBelow: number;
      readonly command: Uint8Array;
    }
  | { readonly kind: "open-session"; readonly timeoutMs: number }
  | {
      readonly kind: "read";
      readonly timeoutMs: number;
      readonly consistency: ReadConsistency;
      readonly command: Uint8Array;
    }
  /** At most `MAX_KEEP_ALIVES` leases. */
  | {
      readonly kind: "keep-alive";
      readonly timeoutMs: number;
      readonly leases: readonly number[];
    }
  | { readonly kind: "time-to-live"; readonly timeoutMs: number; readonly lease: number }
  | { readonly kind: "leases"; readonly timeoutMs: number };

/** What a node answers: how a proposal ended, what was read, or why not. One may stand for all of a message. */
export type Answer =
  | { readonly kind: "committed"; readonly index: number; readonly result: Uint8Array }
  | {
      readonly kind: "rejected";
      readonly reason: RejectionReason;
      readonly leader: string | undefined;
    }
  | { readonly kind: "unknown"; readonly reason: UnknownReason }
  | { readonly kind: "session"; readonly sessionId: number }
  | { readonly kind: "value"; readonly index: number; readonly result: Uint8Array }
  /** The node cannot read now; perhaps `leader` can. */
  | { readonly kind: "unreadable"; readonly leader: string | undefined }
  /** The node does not understand the request, or will not do it. */
  | { readonly kind: "refused"; readonly code: CommandErrorCode }
  /** What became of the leases that were asked for, in their order. */
  | { readonly kind: "kept"; readonly renewals: readonly KeptLease[] }
  | { readonly kind: "time-to-live"; readonly lease: TimeToLive }
  | { readonly kind: "leases"; readonly leases: readonly Lease[] }
  /** There was no room for the answer: ask again. What was asked for may be done. */
  | { readonly kind: "deferred" };

export const DEFERRED: Answer = { kind: "deferred" };

/** The seconds that a lease was renewed for, or why it was not; `expired` is not yet revoked. */
export type KeptLease = number | "not-found" | "expired";

/** What the leader says of a lease. */
export interface TimeToLive {
  readonly id: number;
  /** Seconds, as it was granted. */
  readonly ttlSeconds: number;
  /** Milliseconds until it falls due; 0 when it has, and is not yet revoked. */
  readonly remainingMs: number;
  /** In the order of their bytes. */
  readonly keys: readonly Uint8Array[];
}

/** Requests in one message, at most: so the first answers arrive while the next are worked at. */
export const MAX_REQUESTS = 256;

/**
 * Bytes of answers in one message, about, at most, but for its last one. Whoever keeps a value of one keeps
 * all of it.
 */
export const MAX_ANSWER_BYTES = 1_048_576;

/** Leases that one keep-alive renews; a client with more asks more often. */
export const MAX_KEEP_ALIVES = 4_096;

// The places are the numbers on the wire: new ones go to the end.
export const REQUEST_KINDS = [
  "propose",
  "open-session",
  "read",
  "keep-alive",
  "time-to-live",
  "leases",
] as const;
export const ANSWER_KINDS = [
  "committed",
  "rejected",
  "unknown",
  "session",
  "value",
  "unreadable",
  "refused",
  "kept",
  "time-to-live",
  "leases",
  "deferred",
] as const;
export const CONSISTENCIES: readonly ReadConsistency[] = ["linearizable", "stale"];

export const REJECTION_REASONS: readonly RejectionReason[] = allOf<RejectionReason>({
  "not-leader": 0,
  overloaded: 1,
  "too-large": 2,
  superseded: 3,
  stopped: 4,
  "session-expired": 5,
});

export const UNKNOWN_REASONS: readonly UnknownReason[] = allOf<UnknownReason>({
  timeout: 0,
  aborted: 1,
  "leadership-lost": 2,
  snapshot: 3,
  stopped: 4,
  "connection-lost": 5,
});

/** A list that the compiler keeps complete. */
function allOf<Name extends string>(numbers: Record<Name, number>): readonly Name[] {
  const names = Object.keys(numbers) as Name[];
  return names.toSorted((a, b) => numbers[a] - numbers[b]);
}
