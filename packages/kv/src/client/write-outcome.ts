import type { CommittedOutcome } from "@quorate/replication";
import type { CommandErrorCode } from "../kv-error.ts";

/**
 * How a write ended.
 *
 * - `committed`: it was applied, once, and `result` is what it answered.
 * - `rejected`: it surely was not applied and never will be.
 * - `unknown`: it may have been applied, once, or may still be; or not.
 */
export type WriteOutcome<R> = CommittedOutcome<R> | RejectedWrite | UnknownWrite;

export interface RejectedWrite {
  readonly kind: "rejected";
  readonly reason: WriteRejection;
}

export interface UnknownWrite {
  readonly kind: "unknown";
  readonly reason: UnknownWriteReason;
}

/**
 * Those of `CommandErrorCode`: the command can never be carried out. And:
 *
 * - `overloaded`: as many calls are under way as `maxInflight` allows, or the cluster turned it away
 *   as overloaded until the deadline.
 * - `unavailable`: no leader took it before the deadline.
 * - `aborted`, `stopped`: by the caller's signal or `stop`, before any node may have taken it.
 */
export type WriteRejection =
  | CommandErrorCode
  | "overloaded"
  | "unavailable"
  | "aborted"
  | "stopped";

/**
 * - `timeout`: an attempt may have been taken, and no answer came before the deadline.
 * - `aborted`, `stopped`: by the caller's signal or `stop`, after an attempt that may have been taken.
 * - `session-expired`: an earlier attempt may have been taken, and the session that would tell
 *   expired before the next one.
 */
export type UnknownWriteReason = "timeout" | "aborted" | "stopped" | "session-expired";
