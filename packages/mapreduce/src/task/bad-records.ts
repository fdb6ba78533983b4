import { isUtf8 } from "node:buffer";
import type { InputRecord } from "../job/input-record.ts";
import { MapReduceError, type Place } from "../mapreduce-error.ts";
import { mapFailure } from "./job-code-error.ts";
import type { BadRecord } from "./task.ts";

/** Of each record that was set aside, so many bytes are kept. */
const SAMPLE_BYTES = 1_024;
/** So many are kept one by one; the others are only counted. Reports travel as a whole. */
const MOST_KEPT = 1_000;

/** The records that a task could not take, up to a limit. */
export class BadRecords {
  readonly #limit: number;
  readonly kept: BadRecord[] = [];
  count = 0;
  /** Those of them that the input passed over. */
  tooLargeCount = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get areAllowed(): boolean {
    return this.#limit > 0;
  }

  /** @throws {MapReduceError} when there is one too many. */
  setAside(error: unknown, record: InputRecord): void {
    const { bytes, start, end, place } = record;
    const failure = mapFailure(error, place);
    this.#count(failure);
    const sample = bytes.subarray(start, Math.min(end, start + SAMPLE_BYTES));
    const text = Buffer.from(sample);
    this.#keep({
      ...place,
      error: failure.message,
      ...(isUtf8(sample) ? { text: text.toString() } : { base64: text.toString("base64") }),
    });
  }

  /** One that the input passed over. @throws the same. */
  tooLarge(place: Place, bytes: number): void {
    this.tooLargeCount++;
    const message = `a record of ${bytes} bytes is larger than maxRecordBytes`;
    this.#count(new MapReduceError("record-too-large", message, { place }));
    this.#keep({ ...place, error: message });
  }

  #count(failure: MapReduceError): void {
    this.count++;
    if (this.count <= this.#limit) return;
    if (this.#limit === 0) throw failure;
    throw new MapReduceError(
      failure.code,
      `more than ${this.#limit} bad records, the last one: ${failure.message}`,
      { cause: failure },
    );
  }

  #keep(record: BadRecord): void {
    if (this.kept.length < MOST_KEPT) this.kept.push(record);
  }
}

/** Why a job must end whose tasks have set so many records aside; undefined while it may go on. */
export function tooManyBadRecords(skipped: number, limit: number): MapReduceError | undefined {
  if (skipped <= limit) return undefined;
  return new MapReduceError(
    "bad-record",
    `${skipped} records are bad, and at most ${limit} may be`,
  );
}
