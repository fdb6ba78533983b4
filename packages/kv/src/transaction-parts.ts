import type { BytesLike } from "./byte-string.ts";
import type { CompareNumber, CompareValue, Delete, Put, Range, Relation } from "./operation.ts";
import type { KeyRange } from "./prefix.ts";

// Small words to write transactions with:
// `{ compares: [version("a", "=", 0)], success: [put("a", "1")], failure: [range({ key: "a" })] }`.

/** A put, as an operation of a transaction. */
export function put(
  key: BytesLike,
  newValue: BytesLike,
  options: Omit<Put, "kind" | "key" | "value"> = {},
): Put {
  return { kind: "put", key, value: newValue, ...options };
}

/** A delete of a key or a range, as an operation of a transaction. */
export function remove(keys: BytesLike | KeyRange, options: Pick<Delete, "prevKv"> = {}): Delete {
  return { kind: "delete", ...rangeOf(keys), ...options };
}

/** A read of a key or a range, as an operation of a transaction. */
export function range(
  keys: BytesLike | KeyRange,
  options: Omit<Range, "kind" | "key" | "rangeEnd"> = {},
): Range {
  return { kind: "range", ...rangeOf(keys), ...options };
}

/** Compares the number of puts since a key came into being; 0 is a key that is not there. */
export function version(
  keys: BytesLike | KeyRange,
  relation: Relation,
  operand: number,
): CompareNumber {
  return { target: "version", ...rangeOf(keys), relation, operand };
}

/** Compares the revision at which a key came into being; 0 is a key that is not there. */
export function createRevision(
  keys: BytesLike | KeyRange,
  relation: Relation,
  operand: number,
): CompareNumber {
  return { target: "createRevision", ...rangeOf(keys), relation, operand };
}

/** Compares the revision of a key's last put; 0 is a key that is not there. */
export function modRevision(
  keys: BytesLike | KeyRange,
  relation: Relation,
  operand: number,
): CompareNumber {
  return { target: "modRevision", ...rangeOf(keys), relation, operand };
}

/** Compares the lease that a key goes with; 0 is none, or a key that is not there. */
export function lease(
  keys: BytesLike | KeyRange,
  relation: Relation,
  operand: number,
): CompareNumber {
  return { target: "lease", ...rangeOf(keys), relation, operand };
}

/** Compares what a key holds, by the order of bytes. */
export function value(
  keys: BytesLike | KeyRange,
  relation: Relation,
  operand: BytesLike,
): CompareValue {
  return { target: "value", ...rangeOf(keys), relation, operand };
}

function rangeOf(keys: BytesLike | KeyRange): { key: BytesLike; rangeEnd?: BytesLike } {
  return typeof keys === "string" || keys instanceof Uint8Array ? { key: keys } : keys;
}
