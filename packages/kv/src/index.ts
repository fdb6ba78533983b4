/**
 * An ordered, replicated key-value store with etcd's revisions and transactions, and its client:
 * `KvStateMachine` behind a `ReplicatedLog` on each node, `serveKv` in front of it, `createKvClient`
 * anywhere.
 *
 * @example
 * ```ts
 * import { decodeResult, encodeCommand, KvStateMachine } from "@quorate/kv";
 *
 * const machine = new KvStateMachine();
 * const command = encodeCommand({ kind: "put", key: "order/1", value: "soup" });
 * const [result] = machine.apply([{ index: 1, command }]);
 * console.log(decodeResult(result!)); // { kind: "put", revision: 2, prevKv: undefined }
 * ```
 *
 * @packageDocumentation
 */
export { createKvClient, type KvClient, type KvClientDependencies } from "./client/kv-client.ts";
export type {
  DeleteOptions,
  PutOptions,
  RangeOptions,
  ReadCallOptions,
} from "./client/kv-client.ts";
export type { CallOptions, KvClientOptions } from "./client/client-options.ts";
export type * from "./client/write-outcome.ts";
export type { KvLease } from "./client/lease/client-lease.ts";
export type { GrantLeaseOptions } from "./client/lease/client-leases.ts";
export type { KvWatch, WatchBatch, WatchOptions } from "./client/watch/kv-watch.ts";
export { serveKv, type ServeKvDependencies, type ServeKvOptions } from "./serve-kv.ts";
export { type KvMachineDependencies, KvStateMachine } from "./kv-state-machine.ts";
export type { BackupPart } from "./backup/export-backup.ts";
export type { KvMachineOptions } from "./machine-options.ts";
export type { StoreListener } from "./store/store-listener.ts";
export type { Entry } from "./history/entry.ts";
export type { Lease } from "./lease/lease-table.ts";
export {
  type KeepAliveOptions,
  type KeepAliveOutcome,
  type KeepAlivesOutcome,
  LeaseKeeper,
  type LeaseStanding,
} from "./lease/lease-keeper.ts";
export type { TimeToLive } from "./protocol/protocol.ts";
export { Lessor, type Renewal } from "./lease/lessor.ts";
export { encodeCommand } from "./codec/encode-operation.ts";
export { decodeResult } from "./codec/decode-result.ts";
export type {
  Command,
  Compact,
  Compare,
  CompareNumber,
  CompareValue,
  Delete,
  Disarm,
  GrantLease,
  Operation,
  Put,
  Range,
  Relation,
  RevokeLease,
  Sort,
  SortTarget,
  Transaction,
} from "./operation.ts";
export type * from "./operation-result.ts";
export {
  createRevision,
  lease,
  modRevision,
  put,
  range,
  remove,
  value,
  version,
} from "./transaction-parts.ts";
export { WatchHub } from "./watch/watch-hub.ts";
export type { WatchStream, WatchStreamOptions } from "./watch/watch-stream.ts";
export type { WatchMessage } from "./watch/watch-message.ts";
export type { WatchRequest } from "./watch/watch-request.ts";
export { decodeWatchEvents, type EventBatch, type WatchEvent } from "./watch/watch-event.ts";
export type { Records } from "./engine/records.ts";
export type { StoreEngine, StoreReads, StoreView, Swept } from "./engine/store-engine.ts";
export { ALL_KEYS, type KeyRange, withPrefix } from "./prefix.ts";
export { type BytesLike, utf8 } from "./byte-string.ts";
export { type CommandErrorCode, KvError, type KvErrorCode } from "./kv-error.ts";
export {
  MAX_LEASE_TTL_SECONDS,
  MAX_OPERATIONS,
  MAX_REQUEST_BYTES,
  MAX_RESULT_BYTES,
} from "./limits.ts";
