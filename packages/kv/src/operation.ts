import type { ByteString, BytesLike } from "./byte-string.ts";

/** What the log carries: an operation, or what stands alone and never within a transaction. */
export type Command<B = BytesLike> = Operation<B> | Compact | GrantLease | RevokeLease | Disarm;

/** What a command, or a part of a transaction, asks for. `B` is how it holds keys and values. */
export type Operation<B = BytesLike> = Put<B> | Delete<B> | Range<B> | Transaction<B>;

export interface Put<B = BytesLike> {
  readonly kind: "put";
  /** At least one byte. */
  readonly key: B;
  readonly value: B;
  /**
   * The id of a lease that was granted: the key goes with it. 0: none, also where it had one before.
   *
   * @default 0
   */
  readonly lease?: number;
  /**
   * Keep the value that the key has, which must exist; `value` is then empty.
   *
   * @default false
   */
  readonly ignoreValue?: boolean;
  /**
   * Keep the lease that the key has, or has not; the key must exist, and `lease` is then 0.
   *
   * @default false
   */
  readonly ignoreLease?: boolean;
  /**
   * Answer with what the key held before.
   *
   * @default false
   */
  readonly prevKv?: boolean;
}

export interface Delete<B = BytesLike> {
  readonly kind: "delete";
  readonly key: B;
  /**
   * As of `Range`.
   *
   * @default ""
   */
  readonly rangeEnd?: B;
  /**
   * Answer with what was deleted.
   *
   * @default false
   */
  readonly prevKv?: boolean;
}

export interface Range<B = BytesLike> {
  readonly kind: "range";
  /** The first key, at least one byte. */
  readonly key: B;
  /**
   * The first key that is not meant any more. Empty: `key` alone. One zero byte: every key from
   * `key` on. `withPrefix` gives the end for a prefix.
   *
   * @default ""
   */
  readonly rangeEnd?: B;
  /**
   * Most keys in the answer, after sorting; 0 for all.
   *
   * @default 0
   */
  readonly limit?: number;
  /** @default by key, ascending */
  readonly sort?: Sort;
  /**
   * Answer with empty values.
   *
   * @default false
   */
  readonly keysOnly?: boolean;
  /**
   * Answer with the count alone.
   *
   * @default false
   */
  readonly countOnly?: boolean;
  /**
   * Read as the store was at this revision, from the compacted to the current one; 0 is as it is now.
   *
   * @default 0
   */
  readonly revision?: number;
  /**
   * Leave out keys whose last put, or whose creation, is outside these revisions, both included; 0 is
   * no bound. `count` is of all keys of the range nevertheless.
   *
   * @default 0
   */
  readonly minModRevision?: number;
  /** @default 0 */
  readonly maxModRevision?: number;
  /** @default 0 */
  readonly minCreateRevision?: number;
  /** @default 0 */
  readonly maxCreateRevision?: number;
}

/** Entries that are equal by `target` come in ascending order of their keys. */
export interface Sort {
  readonly target: SortTarget;
  readonly order: "ascending" | "descending";
}

export type SortTarget = "key" | "version" | "createRevision" | "modRevision" | "value";

/**
 * Does the operations of `success` if all of `compares` hold, else those of `failure`, in order and
 * at one revision. The compares of transactions within it are decided before anything is written.
 */
export interface Transaction<B = BytesLike> {
  readonly kind: "transaction";
  readonly compares: readonly Compare<B>[];
  readonly success: readonly Operation<B>[];
  readonly failure: readonly Operation<B>[];
}

/**
 * Holds if it holds for every key of the range. A range without keys is compared as one key with
 * zeros; but no compare of a value holds there, since a missing value equals nothing.
 */
export type Compare<B = BytesLike> = CompareNumber<B> | CompareValue<B>;

interface CompareKeys<B> {
  readonly key: B;
  /**
   * As of `Range`.
   *
   * @default ""
   */
  readonly rangeEnd?: B;
  readonly relation: Relation;
}

export interface CompareNumber<B = BytesLike> extends CompareKeys<B> {
  readonly target: "version" | "createRevision" | "modRevision" | "lease";
  /** A whole number from 0 to 2^53 - 1. */
  readonly operand: number;
}

export interface CompareValue<B = BytesLike> extends CompareKeys<B> {
  readonly target: "value";
  readonly operand: B;
}

export type Relation = "=" | "!=" | "<" | ">";

/**
 * Forgets what was before a revision, above the one that was compacted last and up to the current:
 * then nothing can be read or watched at an earlier one. What the store holds at it stays.
 */
export interface Compact {
  readonly kind: "compact";
  readonly revision: number;
}

/** Grants a lease: when its time is over without a keep-alive, its keys are deleted. */
export interface GrantLease {
  readonly kind: "grant-lease";
  /** A number of the caller's that no lease has, up to 2^53 - 1; 0 to have one drawn. */
  readonly lease: number;
  /** Seconds, up to 9,000,000,000. Fewer than the least that the store grants are raised to that. */
  readonly ttlSeconds: number;
}

/** Ends a lease, and deletes its keys, all in one revision. */
export interface RevokeLease {
  readonly kind: "revoke-lease";
  readonly lease: number;
}

/** Ends the alarm that refuses writes with `no-space`: there is room again, after a compaction. */
export interface Disarm {
  readonly kind: "disarm";
}

/** A command as the state machine has it: every default filled in. */
export type DecodedCommand = DecodedOperation | Compact | GrantLease | RevokeLease | Disarm;

/** An operation as the state machine has it: every default filled in. */
export type DecodedOperation = DecodedPut | DecodedDelete | DecodedRange | DecodedTransaction;
export type DecodedPut = Required<Put<ByteString>>;
export type DecodedDelete = Required<Delete<ByteString>>;
export type DecodedRange = Required<Range<ByteString>>;
export type DecodedCompare =
  | Required<CompareNumber<ByteString>>
  | Required<CompareValue<ByteString>>;

export interface DecodedTransaction {
  readonly kind: "transaction";
  readonly compares: readonly DecodedCompare[];
  readonly success: readonly DecodedOperation[];
  readonly failure: readonly DecodedOperation[];
}
