/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `invalid-graph`: two operators have one id, or a stream of another pipeline is used.
 * - `invalid-timestamp`: a record's event time is not a finite number; the message says which.
 * - `window-too-large`: a window keeps its elements and has more than its bound; the message names the
 *   operator, the window and the key. Raise `maxElements`, or aggregate.
 * - `timeout`: an asynchronous call took longer than its `timeoutMs`, in each of its attempts.
 * - `incompatible-state`: a checkpoint does not fit this pipeline; the message names the operator.
 */
export type StreamErrorCode =
  | "invalid-option"
  | "invalid-graph"
  | "invalid-timestamp"
  | "window-too-large"
  | "timeout"
  | "incompatible-state";

/** The only error that this package throws of its own. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;

  constructor(code: StreamErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
