/**
 * What drives a consensus algorithm's pure core: the disk, the network, the state machine, snapshots,
 * reads, proposals and their callers. Raft and Paxos bring a core, a storage and a message codec.
 *
 * @packageDocumentation
 */
export type { Algorithm, DriverDependencies } from "./algorithm.ts";
export type {
  ConfirmedRead,
  ConsensusCore,
  MessageCodec,
  Ready,
  Standing,
} from "./consensus-core.ts";
export { DrivenLog } from "./driven-log.ts";
export type { DrivenNode, NodeMetrics } from "./driven-node.ts";
export { EncodeOnceCodec } from "./encode-once-codec.ts";
export { createEntry, type Entry, type EntryKind, entryOf, payloadOf } from "./entry.ts";
export { LOG_START, type LogPosition } from "./log-position.ts";
export type { LogStorage } from "./log-storage.ts";
export {
  type NodeOptions,
  requireAtMost,
  requireThat,
  requireVoters,
  requireWhole,
  type ValidatedNodeOptions,
  validatedNodeOptions,
} from "./node-options.ts";
export { type FlowLimits, Progress } from "./progress.ts";
export { ReadRounds } from "./read-rounds.ts";
export { SnapshotStore } from "./snapshot-store.ts";
