import type { Place } from "../mapreduce-error.ts";

/**
 * One record of the input: a range of bytes, decoded when asked. One object is used for all records
 * of a task; keep what you decoded, never the object.
 */
export interface InputRecord {
  /** The buffer that the record stands in, from `start` to before `end`. Not to be changed. */
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly place: Place;
  /** As text. @throws {MapReduceError} `bad-record` when it is not UTF-8. */
  text(): string;
  /** As JSON. @throws {MapReduceError} `bad-record` when broken. */
  json(): unknown;
  /** As the fields of a line of CSV. @throws {MapReduceError} `bad-record` when broken. */
  csv(): readonly string[];
  /**
   * The field of CSV in the column that the header line gives this name.
   *
   * @throws {MapReduceError} `invalid-input` when there is no such column; `bad-record` when the line
   *   has no field there, or is broken.
   */
  field(column: string): string;
}
