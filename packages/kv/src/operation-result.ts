import type { CommandErrorCode } from "./kv-error.ts";

/** What an operation answered. `B` is how it holds keys and values. */
export type OperationResult<B = Uint8Array> =
  | PutResult<B>
  | DeleteResult<B>
  | RangeResult<B>
  | TransactionResult<B>;

/** What a command answered that was carried out. */
export type DoneResult<B = Uint8Array> = Exclude<CommandResult<B>, RefusedResult>;

/** What a command answered, or why it was refused and changed nothing. */
export type CommandResult<B = Uint8Array> =
  | OperationResult<B>
  | CompactResult
  | GrantLeaseResult
  | RevokeLeaseResult
  | DisarmResult
  | RefusedResult;

/** A key and what it holds. */
export interface KeyValue<B = Uint8Array> {
  readonly key: B;
  readonly value: B;
  /** The revision at which the key came into being, after its last deletion. */
  readonly createRevision: number;
  /** The revision of its last put. */
  readonly modRevision: number;
  /** How many puts since it came into being: 1 at first. */
  readonly version: number;
  /** The lease that it goes with; 0 is none. */
  readonly lease: number;
}

export interface PutResult<B = Uint8Array> {
  readonly kind: "put";
  /** The store's revision after this operation. */
  readonly revision: number;
  /** What the key held before; undefined if nothing, or if it was not asked for. */
  readonly prevKv: KeyValue<B> | undefined;
}

export interface DeleteResult<B = Uint8Array> {
  readonly kind: "delete";
  /** The store's revision after this operation; unchanged if nothing was deleted. */
  readonly revision: number;
  readonly deleted: number;
  /** What was deleted, in the order of the keys; empty if it was not asked for. */
  readonly prevKvs: readonly KeyValue<B>[];
}

export interface RangeResult<B = Uint8Array> {
  readonly kind: "range";
  /** The store's revision when it was read. */
  readonly revision: number;
  readonly kvs: readonly KeyValue<B>[];
  /** Whether `limit` left keys out. */
  readonly more: boolean;
  /** How many keys the range has, whatever the limit and the bounds on revisions. */
  readonly count: number;
}

export interface TransactionResult<B = Uint8Array> {
  readonly kind: "transaction";
  /** The store's revision after this transaction; unchanged if nothing was written. */
  readonly revision: number;
  /** Whether all compares held. */
  readonly succeeded: boolean;
  /** Of the operations of the branch that was taken, in their order. */
  readonly results: readonly OperationResult<B>[];
}

export interface CompactResult {
  readonly kind: "compact";
  /** The store's revision, which a compaction leaves as it is. */
  readonly revision: number;
}

export interface GrantLeaseResult {
  readonly kind: "grant-lease";
  readonly revision: number;
  readonly lease: number;
  /** What was granted, at least what was asked for. */
  readonly ttlSeconds: number;
}

export interface RevokeLeaseResult {
  readonly kind: "revoke-lease";
  /** The store's revision after it; unchanged if the lease had no keys. */
  readonly revision: number;
  /** How many keys went with it. */
  readonly deleted: number;
}

export interface DisarmResult {
  readonly kind: "disarm";
  readonly revision: number;
  /** Whether there was an alarm. */
  readonly disarmed: boolean;
}

export interface RefusedResult {
  readonly kind: "refused";
  readonly code: CommandErrorCode;
}
