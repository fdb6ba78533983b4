import {
  type Clock,
  type FileSystem,
  type Random,
  systemClock,
  systemFileSystem,
  systemRandom,
} from "@quorate/runtime";
import type { Sink } from "../../connector.ts";
import { StreamError } from "../../stream-error.ts";
import { RolledFiles, type WrittenFile } from "./rolled-files.ts";
import { RollingWriter } from "./rolling-writer.ts";

export interface FilesSinkOptions<T> {
  /** Made if it is not there. */
  readonly folder: string;
  /** A record as text, to which a line feed is added, or as bytes, to which nothing is. */
  readonly encode: (value: T) => string | Uint8Array;
  /**
   * Begins the name of the file that a record goes to, as the hour of its event time. No slashes.
   *
   * @default "part"
   */
  readonly bucketOf?: (value: T) => string;
  /** Ends the names. @default "" */
  readonly suffix?: string;
  /** Bytes from which on the next records go to a new file; each checkpoint begins new ones, too. @default 128 MiB */
  readonly rollBytes?: number;
  /**
   * Milliseconds of a file's age from which on the next records go to a new one. For checkpoints that
   * are further apart; files are shown with their checkpoint, not before.
   *
   * @default Infinity
   */
  readonly rollAfterMs?: number;
  /** Files that are open at once; one more closes that which was written to the longest ago. @default 64 */
  readonly maxOpenFiles?: number;
}

export interface FilesSinkDependencies {
  /** @default systemFileSystem */
  readonly fileSystem?: FileSystem;
  /** Sets the names of runs apart. @default systemRandom */
  readonly random?: Random;
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Files that appear, complete and durable, once the checkpoint is kept that their records belong to:
 * `bucket-run-subtask-number` and the suffix. Before, they are hidden by a dot. After a crash, hidden
 * files that no checkpoint has are removed. All is on one file system.
 */
export function filesSink<T>(
  options: FilesSinkOptions<T>,
  {
    fileSystem = systemFileSystem,
    random = systemRandom,
    clock = systemClock,
  }: FilesSinkDependencies = {},
): Sink<T> {
  const { folder, rollBytes = 2 ** 27, rollAfterMs = Infinity, maxOpenFiles = 64 } = options;
  for (const [name, value] of Object.entries({ rollBytes, rollAfterMs, maxOpenFiles })) {
    if (value >= 1) continue;
    throw new StreamError("invalid-option", `${name} must be 1 or above, not ${value}`);
  }
  const files = new RolledFiles(fileSystem, folder);
  return {
    recover: async ({ id }, transactions) => {
      await fileSystem.makeDirectory(folder);
      for (const transaction of transactions) await files.show(transaction as WrittenFile[]);
      await files.drop(id);
    },
    open: ({ id, subtask }) => {
      const run = Math.floor(random.next() * 2 ** 32).toString(16);
      const limits = { ...options, rollBytes, rollAfterMs, maxOpenFiles };
      return new RollingWriter({ fileSystem, clock }, files, limits, {
        id,
        subtask,
        run: run.padStart(8, "0"),
      });
    },
  };
}
