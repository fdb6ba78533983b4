/**
 * A replicated log by Multi-Paxos: a stable leader, many slots under way, snapshots, and members that
 * come and go while it runs. A `ReplicatedLog`, as `@quorate/raft` is.
 *
 * @packageDocumentation
 */
export { PaxosError, type PaxosErrorCode } from "../paxos-error.ts";
export { createPaxosLog } from "./driver/create-paxos-log.ts";
export type { PaxosLogOptions } from "./driver/options.ts";
export type {
  PaxosLogDependencies,
  PaxosLogNode,
  PaxosLogStatus,
  PeerStatus,
} from "./driver/paxos-log-node.ts";
export type { Life, Voter } from "./core/configuration.ts";
export type { Change, ChangeEnd } from "./core/configuration-change.ts";
export type { DecidedConfiguration } from "./core/configurations.ts";
export type { RecoveredLog } from "./core/acceptor.ts";
export { LogCore, type LogReady } from "./core/log-core.ts";
export type { LogCoreOptions } from "./core/log-core-options.ts";
export type { AcceptedRecord, LogRecord, StateRecord } from "./core/log-record.ts";
export type {
  FreeMessage as LogFreeMessage,
  Message as LogMessage,
  PromisingMessage as LogPromisingMessage,
} from "./core/message.ts";
export {
  decodeMessage as decodeLogMessage,
  encodeMessage as encodeLogMessage,
} from "./core/message-codec.ts";
export { type AcceptedSlot, SlotLog } from "./core/slot-log.ts";
export { LogWalStorage, type LogWalStorageOptions } from "./storage/log-wal-storage.ts";
export type { PaxosLogStorage, RecoveredNode } from "./storage/paxos-log-storage.ts";
