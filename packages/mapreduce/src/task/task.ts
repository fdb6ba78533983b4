import type { TaskMemory } from "./task-memory.ts";
import type { Disk } from "../disk/disk.ts";
import type { Split } from "../input/input.ts";

/** What a task runs with, wherever it runs: a thread, this thread, a worker of a cluster. */
export interface TaskEnvironment {
  readonly disk: Disk;
  /** A folder of this attempt's own, which is there. Its owner removes it. */
  readonly folder: string;
  /** Bytes that buffers, tables and merges of this task may take together. */
  readonly memoryBytes: number;
  readonly options: TaskOptions;
  /** Memory that tasks use one after the other, so that it is not asked for again by each. */
  readonly memory?: TaskMemory;
  readonly signal?: AbortSignal;
  /** Told now and then how much more was done, for progress bars. */
  readonly onProgress?: (done: TaskProgress) => void;
  /** Called now and then between records, so that a thread may do something else meanwhile. */
  readonly breathe?: () => Promise<void>;
}

/** How the tasks of a job run. Plain data, the same for all of them. */
export interface TaskOptions {
  /** Longer records are bad ones. */
  readonly maxRecordBytes: number;
  /** Whether what goes from map to reduce is compressed on its way. */
  readonly compressSpills: boolean;
  /** Bad records of the whole job that are set aside; one more fails the task. */
  readonly maxBadRecords: number;
}

/** What was done since the last time. */
export interface TaskProgress {
  readonly records: number;
  readonly bytes: number;
}

export interface MapWork {
  readonly kind: "map";
  /** From 0 in the order of the splits. */
  readonly task: number;
  /** From 0; each attempt of a task has a number of its own. */
  readonly attempt: number;
  /** Which of the job's sources the split is of. */
  readonly source: number;
  readonly split: Split;
  readonly partitions: number;
  /** By base64, of a job that is partitioned `byRanges`: the first keys of all partitions but one. */
  readonly ranges?: readonly string[];
}

export interface ReduceWork {
  readonly kind: "reduce";
  /** The partition's number. */
  readonly task: number;
  readonly attempt: number;
  /** Sorted runs with this partition's pairs, on the environment's disk, in the maps' order. */
  readonly segments: readonly Segment[];
}

/** The pairs of one partition in one file: a sorted run. */
export interface Segment {
  readonly file: string;
  readonly partition: number;
  /** Bytes. */
  readonly position: number;
  readonly bytes: number;
  readonly records: number;
  /** The largest of its blocks: what it takes of memory to read it. */
  readonly blockBytes: number;
}

/** What an attempt did. Plain data: it is sent from workers as JSON. */
export interface TaskReport {
  readonly counters: Readonly<Record<string, number>>;
  readonly recordsIn: number;
  readonly recordsOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly spills: number;
  /** Records set aside, see `badRecords`. */
  readonly skipped: number;
  /** The first 1,000 of them, if there are any. */
  readonly badRecords?: readonly BadRecord[];
}

/** A record that was set aside, as it is written to the file of those. */
export interface BadRecord {
  readonly file: string;
  readonly offset: number;
  readonly error: string;
  /** Its first bytes, as text, or by base64 where they are not UTF-8. */
  readonly text?: string;
  readonly base64?: string;
}

export interface MapReport extends TaskReport {
  /** At least one for each partition that has pairs; several when there were several spills. */
  readonly segments: readonly Segment[];
}
