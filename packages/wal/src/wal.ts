import { dirname } from "node:path";
import { type FileSystem, type Random, systemFileSystem, systemRandom } from "@quorate/runtime";
import type { IndexedRecord } from "./log-reader.ts";
import { LogWriter } from "./log-writer.ts";
import { validated, type WalOptions } from "./options.ts";
import { recover, type WalRecovery } from "./recovery.ts";
import { makeDurableDirectory } from "./segment-file.ts";
import { SegmentedWal } from "./segmented-wal.ts";
import { WalError } from "./wal-error.ts";

/** What a log needs from outside; each has a default. */
export interface WalDependencies {
  /** @default systemFileSystem */
  readonly fileSystem?: FileSystem;
  /**
   * Draws the seeds that make one segment's checksums useless in another.
   *
   * @default systemRandom
   */
  readonly random?: Random;
}

/**
 * A log of records, numbered without gaps. Calls take effect in the order in which they are made,
 * also when none is awaited; `firstIndex` and `lastIndex` change with the call, what is on disk when
 * its promise resolves. Indices are safe integers.
 *
 * Every method rejects with a `WalError` (`read` throws it, or rejects on the way); see its codes.
 */
export interface Wal {
  /** What opening found. */
  readonly recovery: WalRecovery;
  /** The index of the oldest record that is kept; `lastIndex + 1` when there is none. */
  readonly firstIndex: number;
  /** The index of the last record appended, durable or not; `firstIndex - 1` when there is none. */
  readonly lastIndex: number;
  /** The index of the last record known durable, at most `lastIndex`. */
  readonly durableIndex: number;
  /**
   * Appends records (each of 0 bytes to `maxRecordBytes`) behind each other. They are copied: the
   * caller may change them as soon as the call returns.
   *
   * Resolves, in the order of the calls, to the index of the last of them once all are durable (to
   * `lastIndex` for an empty batch). After a crash in between, any number of the first of them may be
   * there. When it rejects with `too-large` or `overloaded`, none was appended.
   */
  append(records: readonly Uint8Array[]): Promise<number>;
  /** The same, and resolves to where each record stands: for `readAt`, as long as it is not dropped. */
  appendPlaced(records: readonly Uint8Array[]): Promise<Float64Array>;
  /**
   * Reads one record by its place, in time that does not depend on how many there are. Its bytes are
   * **not checked again**, unlike those that `read` gives: let it carry a checksum of its own.
   *
   * @param place From `appendPlaced` or `read`; anything else gives anything.
   * @throws {WalError} `out-of-range` when its segment was removed, `damaged` where there is no record.
   */
  readAt(place: number): Promise<Uint8Array>;
  /**
   * The durable records from `from` on, as the log is at the call: later appends, truncations and
   * resets do not show. `from` is `firstIndex` to `lastIndex + 1`. Each record's checksum is
   * checked again.
   *
   * A record shares memory with its neighbours (about 1 MiB): copy what is to be kept long.
   *
   * @throws {WalError} `out-of-range`, also when a segment is dropped before it was read.
   */
  read(from: number, options?: ReadOptions): AsyncIterable<IndexedRecord>;
  /**
   * Drops the records after `index` (`firstIndex - 1` to `lastIndex`): durable when resolved. A crash
   * before that leaves all of them (durable ones at least) or none, never mixed with later ones.
   */
  truncateAfter(index: number): Promise<void>;
  /**
   * Drops the records before `index` (up to `lastIndex + 1`): durable when resolved, and the segments
   * that hold nothing else are removed. No effect when `index` is at or below `firstIndex`.
   */
  dropBefore(index: number): Promise<void>;
  /**
   * Drops all records; the next one appended gets `nextIndex`, any index from 0. Durable when
   * resolved; a crash before that leaves the old log or the new, empty one.
   */
  reset(nextIndex: number): Promise<void>;
  /**
   * Waits until all that was appended is durable, and closes the files. Later calls reject with
   * `closed`; a second `close` waits for the first.
   */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ReadOptions {
  /**
   * Ends before the record with which the sum of the records' lengths would be above this; the first
   * record is always read.
   *
   * @default no limit
   */
  readonly maxBytes?: number;
}

/**
 * Opens the log in `options.directory`, or begins one. Reads and checks all of it, cuts what a crash
 * left of an unacknowledged write, and makes durable what it keeps.
 *
 * @throws {WalError} `invalid-option`; `damaged` or `unsupported-version`, and then nothing on disk
 *   was changed; `failed`: the file system did, `cause` says how.
 */
export async function openWal(
  options: WalOptions,
  dependencies: WalDependencies = {},
): Promise<Wal> {
  const { fileSystem = systemFileSystem, random = systemRandom } = dependencies;
  const settings = validated(options);
  const { directory, segmentBytes, firstIndex } = settings;
  const place = { fileSystem, random, directory, segmentBytes };
  try {
    await makeDurableDirectory(fileSystem, directory, dirname);
    const found = await recover(fileSystem, directory);
    const writer = found
      ? await LogWriter.resume(place, found)
      : await LogWriter.create(place, firstIndex);
    return new SegmentedWal(settings, fileSystem, writer, found?.recovery);
  } catch (error) {
    if (error instanceof WalError) throw error;
    throw new WalError("failed", `cannot open the log in ${directory}`, { cause: error });
  }
}
