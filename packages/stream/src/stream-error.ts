import type { RecordPlace } from "./core/record-place.ts";

/**
 * Why a call or a run failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `invalid-graph`: two operators have one id, or a stream of another pipeline is used.
 * - `invalid-timestamp`: a record's event time is not a finite number; `place` says which record's.
 * - `record-failed`: an operator's function threw; the message names the operator, `place` the record.
 * - `window-too-large`: a window keeps its elements and has as many as it may; the message names the
 *   operator, the window and its key. Raise `maxElements`, or aggregate.
 * - `timeout`: a call took longer than its `timeoutMs`, also in its last attempt.
 * - `source-failed`, `sink-failed`: reading, or writing and preparing, failed; the message names it.
 * - `commit-failed`: a sink could not commit a transaction of a checkpoint that is kept. Nothing is
 *   lost: the next (re)start commits it. The message names the sink and the transaction.
 * - `checkpoint-failed`: checkpoints could not be kept, or took longer than allowed.
 * - `damaged-checkpoint`: a kept checkpoint cannot be read, and going back behind it would repeat what
 *   sinks have committed. The message names the file.
 * - `incompatible-state`: a checkpoint does not fit this pipeline; the message names the operator.
 * - `restarts-exhausted`: the restart strategy gave up; the cause is the last failure.
 * - `worker-failed`: a thread ended by itself, or could not load the program.
 * - `closed`: the run has ended.
 */
export type StreamErrorCode =
  | "invalid-option"
  | "invalid-graph"
  | "invalid-timestamp"
  | "record-failed"
  | "window-too-large"
  | "timeout"
  | "source-failed"
  | "sink-failed"
  | "commit-failed"
  | "checkpoint-failed"
  | "damaged-checkpoint"
  | "incompatible-state"
  | "restarts-exhausted"
  | "worker-failed"
  | "closed";

export interface StreamErrorOptions extends ErrorOptions {
  readonly place?: RecordPlace | undefined;
}

/** The only error that this package throws of its own. */
export class StreamError extends Error {
  override readonly name = "StreamError";
  readonly code: StreamErrorCode;
  /** Of `record-failed`: where the record was read, as far as it is known. */
  readonly place: RecordPlace | undefined;

  constructor(code: StreamErrorCode, message: string, options: StreamErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.place = options.place;
  }
}
