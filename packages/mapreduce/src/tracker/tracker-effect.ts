import type { AttemptId } from "./attempt.ts";
import type { TaskError } from "./tracker-input.ts";

/** What the tracker wants to be done, in this order. */
export type TrackerEffect =
  | StartAttempt
  | CancelAttempt
  | CommitAttempt
  | ForgetAttempt
  | JobFinished
  | JobFailed;

/** Run it. A reduce attempt reads the map output that `Tracker.mapOutputs` names at this moment. */
export interface StartAttempt {
  readonly kind: "start";
  readonly worker: string;
  readonly attempt: AttemptId;
}

/** Stop it and remove what it left. Its slot counts as free, and no answer is waited for. */
export interface CancelAttempt {
  readonly kind: "cancel";
  readonly worker: string;
  readonly attempt: AttemptId;
}

/**
 * Put its output in its place, then say `committed` or `commit-failed`. The only attempt of its task
 * that this is asked for, unless its commit failed; asked for again after a restart, so doing it a
 * second time must succeed.
 */
export interface CommitAttempt {
  readonly kind: "commit";
  readonly worker: string;
  readonly attempt: AttemptId;
}

/** It finished and is not needed: remove what it left. */
export interface ForgetAttempt {
  readonly kind: "forget";
  readonly worker: string;
  readonly attempt: AttemptId;
}

/** Every task is committed. The last effect there is. */
export interface JobFinished {
  readonly kind: "job-finished";
}

/** The job is over without a result. The last effect there is, after the cancels. */
export interface JobFailed {
  readonly kind: "job-failed";
  /** `task-failed` when a task was tried as often as is allowed; `cause` has its last error. */
  readonly error: TaskError;
  readonly cause?: TaskError;
}
