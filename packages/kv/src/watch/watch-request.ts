import { type BytesLike, type ByteString, toByteString } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";

/** What to watch. */
export interface WatchRequest {
  /** The first key, at least one byte. */
  readonly key: BytesLike;
  /**
   * As of `Range`.
   *
   * @default ""
   */
  readonly rangeEnd?: BytesLike;
  /**
   * The first revision whose changes are told; 0 for the one after the current. It may be ahead.
   *
   * @default 0
   */
  readonly startRevision?: number;
  /**
   * Tell what each key held before the revision, while that is not compacted.
   *
   * @default false
   */
  readonly prevKv?: boolean;
  /** @default false */
  readonly noPuts?: boolean;
  /** @default false */
  readonly noDeletes?: boolean;
}

/** What watches that are told the same have in common. */
export interface WatchTarget {
  readonly key: ByteString;
  readonly rangeEnd: ByteString;
  readonly prevKv: boolean;
  readonly noPuts: boolean;
  readonly noDeletes: boolean;
}

/** @throws {KvError} `empty-key`, `invalid-option`. */
export function targetOf(request: WatchRequest): WatchTarget {
  const { prevKv = false, noPuts = false, noDeletes = false, startRevision = 0 } = request;
  const key = toByteString(request.key);
  if (key === "") throw new KvError("empty-key", "a key needs at least one byte");
  if (!(Number.isSafeInteger(startRevision) && startRevision >= 0)) {
    const rule = "startRevision must be a whole number from 0";
    throw new KvError("invalid-option", `${rule}, not ${startRevision}`);
  }
  return { key, rangeEnd: toByteString(request.rangeEnd ?? ""), prevKv, noPuts, noDeletes };
}

/** Equal for equal targets only. */
export function nameOf({ key, rangeEnd, prevKv, noPuts, noDeletes }: WatchTarget): string {
  return JSON.stringify([key, rangeEnd, prevKv, noPuts, noDeletes]);
}
