import { WalError } from "./wal-error.ts";

const MIB = 2 ** 20;
/** Of the option `maxRecordBytes`. */
export const LARGEST_RECORD_BYTES: number = 64 * MIB;
const SMALLEST_SEGMENT_BYTES = 512;
const LARGEST_SEGMENT_BYTES = 1_024 * MIB;

/** How a log behaves. All fields are fixed once it is open; all but the first may change later. */
export interface WalOptions {
  /**
   * The folder of this log, and of nothing else. Made when missing. One process at a time may have
   * it open; the log does not check that.
   */
  readonly directory: string;
  /**
   * Bytes of a file after which the next is begun, and by which space is given back: 512 B to 1 GiB.
   * A larger write gets a file of its own.
   *
   * @default 64 MiB
   */
  readonly segmentBytes?: number;
  /**
   * The largest record that is taken: 1 B to 64 MiB. A larger one already in the log stays readable.
   *
   * @default 64 MiB
   */
  readonly maxRecordBytes?: number;
  /**
   * Bytes that may wait for the disk, copies that the log holds in memory. An append that would
   * exceed it rejects with `overloaded`. At least `maxRecordBytes` + 64.
   *
   * @default 256 MiB
   */
  readonly maxQueuedBytes?: number;
  /**
   * The index of the first record of a new log; a log that exists keeps its own.
   *
   * @default 1
   */
  readonly firstIndex?: number;
}

/** Every default filled in, every field checked; the one place where options are validated. */
export function validated(options: WalOptions): Required<WalOptions> {
  const {
    directory,
    segmentBytes = 64 * MIB,
    maxRecordBytes = LARGEST_RECORD_BYTES,
    maxQueuedBytes = 256 * MIB,
    firstIndex = 1,
  } = options;
  if (typeof directory !== "string" || directory === "") {
    throw new WalError("invalid-option", "directory must be the path of a folder");
  }
  requireBetween("segmentBytes", segmentBytes, SMALLEST_SEGMENT_BYTES, LARGEST_SEGMENT_BYTES);
  requireBetween("maxRecordBytes", maxRecordBytes, 1, LARGEST_RECORD_BYTES);
  requireBetween("maxQueuedBytes", maxQueuedBytes, maxRecordBytes + 64, Number.MAX_SAFE_INTEGER);
  requireBetween("firstIndex", firstIndex, 0, Number.MAX_SAFE_INTEGER);
  return { directory, segmentBytes, maxRecordBytes, maxQueuedBytes, firstIndex };
}

/** Throws `invalid-option` unless `value` is a whole number from `min` to `max`. */
export function requireBetween(name: string, value: number, min: number, max: number): void {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  throw new WalError("invalid-option", `${name} must be a whole number ${range}, not ${value}`);
}
