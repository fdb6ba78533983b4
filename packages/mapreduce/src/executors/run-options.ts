import { availableParallelism, tmpdir } from "node:os";
import { MapReduceError } from "../mapreduce-error.ts";
import type { JobProgress } from "./job-progress.ts";

/** How a job is run on this machine. */
export interface RunOptions {
  /** The folder of the result: `part-00000` and so on, and `_SUCCESS`. It appears when all is done. */
  readonly output: string;
  /** Files, folders or globs to be read instead of those that the job's input names. */
  readonly input?: string | readonly string[];
  /**
   * Threads, from 1. A job that is given as an object runs in this thread, as 1.
   *
   * @default all cores
   */
  readonly workers?: number;
  /**
   * Bytes that this process may take with all of its threads; at least 64 MiB and 40 MiB a thread.
   * What the process held before, beyond the 64 MiB of an empty one, is not counted in.
   *
   * @default 512 MiB
   */
  readonly memoryBytes?: number;
  /**
   * Parts of the result, from 1 to 65,536; not of a job without a reduce.
   *
   * @default as many as workers
   */
  readonly partitions?: number;
  /**
   * Bytes of input that one map task reads.
   *
   * @default 64 MiB, less where each worker would not have four tasks, but 1 MiB at least
   */
  readonly splitBytes?: number;
  /**
   * Whether the result takes the place of an earlier one.
   *
   * @default false
   */
  readonly overwrite?: boolean;
  /**
   * So many records of the job may be bad (not to be decoded, too long, or thrown on by map): they
   * are set aside in `_bad-records.jsonl` beside the parts, the first 1,000 of each task with what
   * they are. One more fails the job.
   *
   * @default { limit: 0 }
   */
  readonly badRecords?: { readonly limit: number };
  /**
   * A longer record is a bad one; it never is in memory as a whole.
   *
   * @default 16 MiB, less where a worker's memory is small
   */
  readonly maxRecordBytes?: number;
  /**
   * Deflates what goes from map to reduce: for slow disks.
   *
   * @default false
   */
  readonly compressSpills?: boolean;
  /**
   * Where a folder is made for what goes from map to reduce; it is removed whatever happens.
   *
   * @default os.tmpdir()
   */
  readonly scratchFolder?: string;
  /**
   * Tries of one task.
   *
   * @default 4
   */
  readonly maxAttempts?: number;
  /** Ends the job, which rejects with `aborted`. Nothing of it stays. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: JobProgress) => void;
}

/** Every default filled in; what each worker gets of the memory. */
export interface RunSettings {
  readonly output: string;
  readonly input: readonly string[] | undefined;
  readonly workers: number;
  readonly taskBytes: number;
  readonly partitions: number;
  readonly splitBytes: number | undefined;
  readonly overwrite: boolean;
  readonly maxBadRecords: number;
  readonly maxRecordBytes: number;
  readonly compressSpills: boolean;
  readonly scratchFolder: string;
  readonly maxAttempts: number;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: JobProgress) => void) | undefined;
}

const MIB = 2 ** 20;
/** Measured: an empty process of Node 20 to 24 on Linux, and a thread with its heap's first pages. */
const PROCESS_BYTES = 64 * MIB;
const THREAD_BYTES = 32 * MIB;
const LEAST_TASK_BYTES = 8 * MIB;

/** @param inThisThread the job is an object: it cannot be sent to threads. */
export function validated(options: RunOptions, inThisThread: boolean): RunSettings {
  const workers = inThisThread ? 1 : (options.workers ?? availableParallelism());
  const { memoryBytes = 512 * MIB, partitions = workers, splitBytes, maxAttempts = 4 } = options;
  const maxBadRecords = options.badRecords?.limit ?? 0;
  check("workers", workers, 1, 1_024);
  if (inThisThread) {
    check("workers of a job that is not given by its module's path", options.workers ?? 1, 1, 1);
  }
  check("partitions", partitions, 1, 65_536);
  check("memoryBytes", memoryBytes, least(workers), Number.MAX_SAFE_INTEGER);
  if (splitBytes !== undefined) check("splitBytes", splitBytes, 1, Number.MAX_SAFE_INTEGER);
  check("badRecords.limit", maxBadRecords, 0, Number.MAX_SAFE_INTEGER);
  check("maxAttempts", maxAttempts, 1, 1_000);
  if (typeof options.output !== "string" || options.output === "") {
    throw new MapReduceError("invalid-job", "output must be the folder that the result goes to");
  }
  const taskBytes = Math.floor((memoryBytes - PROCESS_BYTES) / workers) - THREAD_BYTES;
  const maxRecordBytes = options.maxRecordBytes ?? Math.min(16 * MIB, Math.floor(taskBytes / 8));
  check("maxRecordBytes", maxRecordBytes, 1, 2 ** 31 - 1);
  return {
    output: options.output,
    input: typeof options.input === "string" ? [options.input] : options.input,
    workers,
    taskBytes,
    partitions,
    splitBytes,
    overwrite: options.overwrite ?? false,
    maxBadRecords,
    maxRecordBytes,
    compressSpills: options.compressSpills ?? false,
    scratchFolder: options.scratchFolder ?? tmpdir(),
    maxAttempts,
    signal: options.signal,
    onProgress: options.onProgress,
  };
}

function least(workers: number): number {
  return PROCESS_BYTES + workers * (THREAD_BYTES + LEAST_TASK_BYTES);
}

function check(name: string, value: number, from: number, to: number): void {
  if (Number.isInteger(value) && value >= from && value <= to) return;
  const range = to === Number.MAX_SAFE_INTEGER ? `from ${from}` : `from ${from} to ${to}`;
  throw new MapReduceError(
    "invalid-job",
    `${name} must be a whole number ${range}, and is ${value}`,
  );
}
