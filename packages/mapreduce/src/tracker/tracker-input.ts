import type { MapReduceErrorCode, Place } from "../mapreduce-error.ts";
import type { TaskReport } from "../task/task.ts";
import type { AttemptId, TaskKind } from "./attempt.ts";

/**
 * What a tracker is told. Plain data, and without times: the same inputs in the same order give the
 * same state and effects, so that a job can be kept as the list of its inputs.
 *
 * What is no longer of interest (an answer of an attempt that was given up, of a worker that was
 * declared dead, anything once the job is over) changes nothing.
 */
export type TrackerInput<M extends TaskReport = TaskReport> =
  | WorkerJoined
  | WorkerLost
  | AttemptFinished<M>
  | AttemptFailed
  | FetchFailed
  | Committed
  | CommitFailed
  | BackUp
  | Restarted
  | Aborted;

/** A worker has come, or has come back after a restart of whoever runs the tracker. */
export interface WorkerJoined {
  readonly kind: "worker-joined";
  /** Names one life of one worker: a process that was started again is another worker. */
  readonly worker: string;
  /** Compared with the hosts of the splits. */
  readonly host: string;
  /** Attempts that it runs at once: a whole number from 1. */
  readonly slots: number;
  /**
   * Finished map attempts whose output it still has; all of them when left out. Those that are
   * missing are redone.
   */
  readonly holds?: readonly AttemptId[];
}

/** It is dead, or taken for dead: what it runs runs elsewhere, and its map output is gone. */
export interface WorkerLost {
  readonly kind: "worker-lost";
  readonly worker: string;
  /** Its map output is where others can read it (a thread's, on the process's disk): kept. */
  readonly keepsOutput?: boolean;
}

export interface AttemptFinished<M extends TaskReport = TaskReport> {
  readonly kind: "attempt-finished";
  readonly worker: string;
  readonly attempt: AttemptId;
  readonly report: M | TaskReport;
  /** Milliseconds that it ran: what a slow attempt is compared with. */
  readonly tookMs: number;
}

export interface AttemptFailed {
  readonly kind: "attempt-failed";
  readonly worker: string;
  readonly attempt: AttemptId;
  readonly error: TaskError;
  /** Whether another try may succeed. If not, the job fails at once with this error. */
  readonly retry: boolean;
}

/** A reduce attempt gave up because it could not get the output of these map attempts. */
export interface FetchFailed {
  readonly kind: "fetch-failed";
  readonly worker: string;
  readonly attempt: AttemptId;
  readonly maps: readonly AttemptId[];
}

/** The output of an attempt whose commit was asked for is in its place, for good. */
export interface Committed {
  readonly kind: "committed";
  readonly attempt: AttemptId;
}

/** It surely is not, and will not be: another attempt's output may take the place. */
export interface CommitFailed {
  readonly kind: "commit-failed";
  readonly attempt: AttemptId;
  readonly error: TaskError;
}

/** A slow task is to get a backup attempt (section 3.6). Comes from `Tracker.due`. */
export interface BackUp {
  readonly kind: "back-up";
  readonly task: { readonly kind: TaskKind; readonly task: number };
}

/**
 * Whoever runs the tracker was started again. Nothing is started on a worker before it has joined
 * again; commits that were asked for are asked for again.
 */
export interface Restarted {
  readonly kind: "restarted";
}

/** The job is to end: its caller wants so, or there is no worker left. */
export interface Aborted {
  readonly kind: "aborted";
  readonly error: TaskError;
}

/** An error as plain data. */
export interface TaskError {
  readonly code: MapReduceErrorCode;
  readonly message: string;
  readonly place?: Place;
}
