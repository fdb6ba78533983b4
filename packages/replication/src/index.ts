export type { ReadConsistency } from "./read-consistency.ts";
export type {
  ProposeOptions,
  ReadOptions,
  ReadResult,
  ReplicatedLog,
  ReplicationStatus,
  WaitOptions,
} from "./replicated-log.ts";
export type {
  CommittedOutcome,
  Outcome,
  RejectedOutcome,
  RejectionReason,
  UnknownOutcome,
  UnknownReason,
} from "./outcome.ts";
export { ReplicationError, type ReplicationErrorCode } from "./replication-error.ts";
export type { SessionCommand } from "./session.ts";
export type { Committed, StateMachine } from "./state-machine.ts";
