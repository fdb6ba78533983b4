/**
 * Why a job did not do what was asked. A closed list:
 *
 * - `invalid-job`: the definition or an option is wrong; nothing was started.
 * - `invalid-input`: an input is missing, cannot be read, or is not what it was said to be (a gzip
 *   file that is cut off, a header without the column). `place` says where.
 * - `bad-record`: a record cannot be decoded (invalid UTF-8, broken JSON), or the job's own code
 *   threw on it; `cause` has that error and `place` the record's.
 * - `record-too-large`: a record is longer than `maxRecordBytes`, or a pair does not fit into memory.
 * - `no-space`: the disk is full. Nothing was committed.
 * - `output-exists`: the output's folder is there already, and `overwrite` was not asked for.
 * - `output-failed`: the output could not be written or committed.
 * - `task-failed`: a task failed as often as is allowed; `cause` has its last error.
 * - `worker-lost`: no worker is left to run on.
 * - `journal-failed`: this master of a cluster cannot go on: its journal cannot be written, or another
 *   master has taken the job over. The job is not over: start a master again.
 * - `aborted`: the signal aborted; nothing was committed.
 */
export type MapReduceErrorCode =
  | "invalid-job"
  | "invalid-input"
  | "bad-record"
  | "record-too-large"
  | "no-space"
  | "output-exists"
  | "output-failed"
  | "task-failed"
  | "worker-lost"
  | "journal-failed"
  | "aborted";

/** Where in the input: a file (or what stands for one) and the record's first byte in it. */
export interface Place {
  readonly file: string;
  /** Bytes from the file's beginning; of a compressed file, of what it unpacks to. */
  readonly offset: number;
}

/** The only error that this package throws or rejects with. */
export class MapReduceError extends Error {
  override readonly name = "MapReduceError";
  readonly code: MapReduceErrorCode;
  readonly place: Place | undefined;

  constructor(
    code: MapReduceErrorCode,
    message: string,
    options?: ErrorOptions & { readonly place?: Place | undefined },
  ) {
    const place = options?.place;
    const where = place ? ` (${place.file}, byte ${place.offset})` : "";
    // Not twice, in an error that is made of another one's message.
    super(message.endsWith(where) ? message : message + where, options);
    this.code = code;
    this.place = place;
  }
}
