import type { MapWork, ReduceWork, Segment, TaskEnvironment, TaskReport } from "../task/task.ts";
import type { MapSource } from "./map-source.ts";

/** What a worker runs an attempt with. It must not block: heartbeats go on meanwhile. */
export type RunTask = (request: TaskRequest, environment: WorkerEnvironment) => Promise<TaskResult>;

/** What a worker has for an attempt; the options of the job's tasks are in its `spec`. */
export type WorkerEnvironment = Pick<
  TaskEnvironment,
  "disk" | "folder" | "memoryBytes" | "signal" | "onProgress"
>;

export interface TaskRequest {
  /** The `spec` of the job's plan. */
  readonly spec: unknown;
  readonly work: MapWork | ReduceWork;
  /** Of a reduce attempt: whose output `work.segments` are, in the order of the map tasks. */
  readonly sources: readonly MapSource[];
}

export interface TaskResult {
  readonly report: TaskReport;
  /** Of a map attempt: its output, in files of the attempt's folder. */
  readonly segments?: readonly CheckedSegment[];
}

/** A segment that can be told from a damaged one, on another machine, too. */
export interface CheckedSegment extends Segment {
  /** Of its bytes, as `crc32` of `node:zlib` gives it. */
  readonly crc32: number;
}
