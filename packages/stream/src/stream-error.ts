/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `invalid-graph`: two operators have one id, or a stream of another pipeline is used.
 * - `invalid-timestamp`: a record's event time is not a finite number; the message says which.
 * - `incompatible-state`: a checkpoint does not fit this pipeline; the message names the operator.
 * - `invalid-record`: a source could not decode a record; the message says where it is.
 * - `position-lost`: what follows a position is there no more (deleted, cut off, replaced).
 * - `transaction-lost`: what a checkpoint promised to commit cannot be committed any more.
 * - `fenced`: another run of the same program has taken over; this one can write nothing.
 * - `unavailable`: what a connector reads or writes did not answer, or refused; `cause` says why.
 */
export type StreamErrorCode =
  | "invalid-option"
  | "invalid-graph"
  | "invalid-timestamp"
  | "incompatible-state"
  | "invalid-record"
  | "position-lost"
  | "transaction-lost"
  | "fenced"
  | "unavailable";

/** The only error that this package throws of its own. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
