import type { Disk } from "../disk/disk.ts";
import type { Split } from "../input/input.ts";

/** What a task runs with, wherever it runs: a thread, this thread, a worker of a cluster. */
export interface TaskEnvironment {
  readonly disk: Disk;
  /** A folder of this attempt's own, which is there. Its owner removes it. */
  readonly folder: string;
  /** Bytes that buffers, tables and merges of this task may take together. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal;
  /** Told now and then how much more was done, for progress bars. */
  readonly onProgress?: (done: TaskProgress) => void;
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
}

export interface ReduceWork {
  readonly kind: "reduce";
  /** The partition's number. */
  readonly task: number;
  readonly attempt: number;
  /** Sorted runs with this partition's pairs, on this environment's disk, in the order of the map tasks. */
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
}

export interface MapReport extends TaskReport {
  /** At least one for each partition that has pairs; several when there were several spills. */
  readonly segments: readonly Segment[];
}
