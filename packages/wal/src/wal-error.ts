/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is of the wrong kind or out of its range.
 * - `damaged`: bytes that were acknowledged are wrong or missing; `segment` and `offset` say where.
 *   The log on disk was left as it is.
 * - `unsupported-version`: `segment` was written by a version of this package with another format.
 * - `too-large`: a record is above `maxRecordBytes`, or one call is above `maxQueuedBytes`. Nothing
 *   was appended.
 * - `overloaded`: `maxQueuedBytes` wait for the disk already. Nothing was appended; try again later.
 * - `out-of-range`: an index is not in the log (any more). Nothing was changed.
 * - `unreadable`: the file system could not read (`cause`); writing goes on.
 * - `failed`: a write, a sync or a change of the directory failed (`cause`). Final: what waited may
 *   or may not be durable, nothing more is written, and every later call rejects with it.
 * - `closed`: the log was closed.
 */
export type WalErrorCode =
  | "invalid-option"
  | "damaged"
  | "unsupported-version"
  | "too-large"
  | "overloaded"
  | "out-of-range"
  | "unreadable"
  | "failed"
  | "closed";

/** A place in the log. */
export interface WalPlace {
  /** The segment's file name. */
  readonly segment: string;
  /** Bytes from the start of that file. */
  readonly offset: number;
}

/** The only error that this package throws of its own. */
export class WalError extends Error {
  override readonly name = "WalError";
  readonly code: WalErrorCode;
  /** The file name of the segment concerned. Set for `damaged` and `unsupported-version`. */
  readonly segment: string | undefined;
  /** Bytes from the start of `segment`. Set together with it. */
  readonly offset: number | undefined;

  constructor(
    code: WalErrorCode,
    message: string,
    options: ErrorOptions & { readonly at?: WalPlace } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.segment = options.at?.segment;
    this.offset = options.at?.offset;
  }
}

/** A `damaged` error that names its place. */
export function damaged(at: WalPlace, what: string): WalError {
  return new WalError("damaged", `${at.segment} at byte ${at.offset}: ${what}`, { at });
}
