import type { ReadConsistency, RejectionReason, UnknownReason } from "@quorate/replication";
import type { CommandErrorCode } from "../kv-error.ts";

/** What a client asks of a node. Commands are as `encodeCommand` made them. */
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
    };

/** What a node answers: how a proposal ended, what was read, or why not. */
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
  /** The node does not understand the request. */
  | { readonly kind: "refused"; readonly code: CommandErrorCode };

// The places are the numbers on the wire: new ones go to the end.
export const REQUEST_KINDS = ["propose", "open-session", "read"] as const;
export const ANSWER_KINDS = [
  "committed",
  "rejected",
  "unknown",
  "session",
  "value",
  "unreadable",
  "refused",
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
