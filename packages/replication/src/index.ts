/**
 * What Raft and Paxos have in common: the state machine they replicate, the log they offer, outcomes
 * that say what is known, and sessions that make a retry safe.
 *
 * @example
 * ```ts
 * import { encodeLogCommand, SessionedStateMachine } from "@quorate/replication";
 *
 * const seen: string[] = [];
 * const machine = new SessionedStateMachine({
 *   apply: (entries) => entries.map(({ command }) => (seen.push(String(command)), command)),
 *   snapshot: async function* () {},
 *   restore: async () => {},
 * });
 * const session = { sessionId: 1, sequence: 1, answeredBelow: 1 };
 * const command = new Uint8Array([42]);
 * const entry = encodeLogCommand({ kind: "session", timeMs: 0, session, command });
 * machine.apply([{ index: 1, command: encodeLogCommand({ kind: "open-session", timeMs: 0 }) }]);
 * machine.apply([{ index: 2, command: entry }]);
 * machine.apply([{ index: 3, command: entry }]); // the same command again: a retry
 * console.log(seen); // [ "42" ]
 * ```
 *
 * @packageDocumentation
 */
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
export type { DurableState } from "./durable-state.ts";
export { ChunkSource } from "./chunk-source.ts";
export { LocalLog, type LocalLogDependencies, type LocalLogOptions } from "./local-log.ts";
export { LogClock } from "./log-clock.ts";
export { decodeLogCommand, encodeLogCommand, type LogCommand } from "./log-command.ts";
export { ReplicationError, type ReplicationErrorCode } from "./replication-error.ts";
export type { SessionCommand } from "./session.ts";
export type { SessionOptions } from "./session-options.ts";
export { type Applied, SessionedStateMachine } from "./sessioned-state-machine.ts";
export type { Committed, StateMachine } from "./state-machine.ts";
