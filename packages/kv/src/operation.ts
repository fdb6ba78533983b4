import type { ByteString, BytesLike } from "./byte-string.ts";

/** What a command asks for. `B` is how it holds keys and values. */
export type Operation<B = BytesLike> = Put<B> | Delete<B> | Range<B> | Transaction<B>;

export interface Put<B = BytesLike> {
  readonly kind: "put";
  /** At least one byte. */
  readonly key: B;
  readonly value: B;
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
  readonly target: "version" | "createRevision" | "modRevision";
  /** A whole number from 0 to 2^53 - 1. */
  readonly operand: number;
}

export interface CompareValue<B = BytesLike> extends CompareKeys<B> {
  readonly target: "value";
  readonly operand: B;
}

export type Relation = "=" | "!=" | "<" | ">";

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
