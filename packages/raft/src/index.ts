/**
 * Raft consensus: a pure core, and a driver over transport, write-ahead log and state machine.
 *
 * @packageDocumentation
 */
export { createRaftNode } from "./driver/create-raft-node.ts";
export type { FollowerStatus, RaftDependencies, RaftNode, RaftStatus } from "./driver/raft-node.ts";
export type { RaftOptions } from "./options.ts";
export type { CoreOptions } from "./core/core-options.ts";
export type { FreeMessage, Message, PromisingMessage } from "./core/message.ts";
export { decodeMessage, encodeMessage } from "./core/message-codec.ts";
export type { Outgoing } from "./core/outbox.ts";
export { type HardState, type Persisted, Write } from "./core/persisted.ts";
export { RaftCore, type Ready } from "./core/raft-core.ts";
export { RaftLog } from "./core/raft-log.ts";
export type { RecoveredState } from "./core/server.ts";
export type { RaftStorage } from "./storage/raft-storage.ts";
export { WalStorage, type WalStorageOptions } from "./storage/wal-storage.ts";
export {
  createEntry,
  type Entry,
  type EntryKind,
  LOG_START,
  type LogPosition,
  payloadOf,
} from "@quorate/replication/driver";
