import type { Split } from "../input/input.ts";
import type { TaskReport } from "../task/task.ts";
import type { AttemptId, TaskError } from "../tracker/index.ts";
import type { MapSource } from "./map-source.ts";
import type { CheckedSegment } from "./run-task.ts";

/** Requests of workers to the master. */
export const SYNC = "mapreduce/sync";
/** Messages of the master to workers: there is news, ask. */
export const NUDGE = "mapreduce/nudge";
/** Streams of map output, from worker to worker. */
export const SEGMENTS = "mapreduce/segments";

/**
 * What a worker has, told every heartbeat and whenever something has changed. The answer says what it
 * is to have: no message of either may be lost, come late or twice and leave the two in disagreement.
 */
export interface Sync {
  /** One life of the process: its node, `#`, and something random. */
  readonly worker: string;
  readonly host: string;
  readonly slots: number;
  /** The job that it works on, and the newest master that it has heard of. */
  readonly job?: string;
  readonly epoch: number;
  /** Finished map attempts; only when it joins. */
  readonly holds?: readonly AttemptId[];
  readonly running: readonly AttemptId[];
  /** Of those, the ones that got on since the last time. */
  readonly progressed: readonly AttemptId[];
  /** It is about to end: it need not be waited for. */
  readonly leaves?: true;
  /** Told until an answer has come. */
  readonly ended: readonly Ended[];
}

export type Ended =
  | {
      readonly kind: "attempt-finished";
      readonly attempt: AttemptId;
      readonly report: TaskReport;
      readonly tookMs: number;
    }
  | {
      readonly kind: "attempt-failed";
      readonly attempt: AttemptId;
      readonly error: TaskError;
      readonly retry: boolean;
    }
  | {
      readonly kind: "fetch-failed";
      readonly attempt: AttemptId;
      readonly maps: readonly AttemptId[];
    };

export type SyncAnswer =
  /** The master does not know it: it is to say what it holds. */
  | { readonly kind: "join"; readonly job: string; readonly epoch: number }
  | ({ readonly kind: "work"; readonly job: string; readonly epoch: number } & Work)
  | { readonly kind: "over"; readonly job: string };

export interface Work {
  readonly start: readonly Assignment[];
  readonly cancel: readonly AttemptId[];
  /** Of those that have ended: nobody needs their output. */
  readonly forget: readonly AttemptId[];
  /** All that are not taken for dead: the output of others is not waited for. */
  readonly alive: readonly string[];
}

/** An attempt, and all that it needs. */
export type Assignment = MapAssignment | ReduceAssignment;

export interface MapAssignment {
  readonly kind: "map";
  readonly attempt: AttemptId;
  /** The job's `spec`. */
  readonly spec: unknown;
  readonly source: number;
  readonly split: Split;
  readonly partitions: number;
  readonly ranges?: readonly string[];
}

export interface ReduceAssignment {
  readonly kind: "reduce";
  readonly attempt: AttemptId;
  readonly spec: unknown;
  /** The map tasks, in their order, with the workers that have their output. */
  readonly sources: readonly MapSource[];
}

/** Asks for the pairs of one partition. */
export interface SegmentsRequest {
  readonly worker: string;
  readonly partition: number;
  readonly maps: readonly AttemptId[];
}

/** Stands before the bytes of each map attempt that was asked for. */
export interface SegmentsHeader {
  readonly attempt: AttemptId;
  /** Undefined: it is not there. */
  readonly segments?: readonly SentSegment[];
}

/** A segment without where it was before. */
export type SentSegment = Omit<CheckedSegment, "file" | "position">;

/** `worker` of `Sync` begins with it. */
export function nodeOf(worker: string): string {
  return worker.slice(0, worker.lastIndexOf("#"));
}
