import type { TaskReport } from "../task/task.ts";
import type { TaskKind } from "./attempt.ts";
import type { TaskError } from "./tracker-input.ts";

/** All that a tracker knows: plain data, so that it can be shown, copied and kept. */
export interface TrackerState<M extends TaskReport = TaskReport> {
  readonly maps: Phase<M>;
  readonly reduces: Phase;
  /** In the order in which they joined. */
  readonly workers: WorkerState[];
  /** Unset while the job runs. */
  outcome?: JobOutcome;
}

export type JobOutcome =
  | { readonly kind: "finished" }
  | { readonly kind: "failed"; readonly error: TaskError; readonly cause?: TaskError };

export interface Phase<R extends TaskReport = TaskReport> {
  readonly kind: TaskKind;
  readonly tasks: TaskState<R>[];
  /** Numbers of the idle tasks, rising. */
  readonly idle: number[];
  completed: number;
}

/** The paper's states (section 3.2), and one in which an attempt's output is being committed. */
export interface TaskState<R extends TaskReport = TaskReport> {
  status: "idle" | "in-progress" | "committing" | "completed";
  readonly hosts: readonly string[];
  /** Grows, and never goes back. */
  nextAttempt: number;
  readonly running: RunningAttempt[];
  failures: number;
  lostWorkers: number;
  /** Of the output that `result` is of. */
  fetchFailures: number;
  /** Workers on which it failed, each once. */
  readonly failedOn: string[];
  /** The one attempt that counts: being committed, or completed. */
  result?: TaskResult<R>;
}

export interface RunningAttempt {
  readonly attempt: number;
  readonly worker: string;
  /** Clock times, for `due` alone: no input's outcome depends on them. */
  startedAtMs: number;
  heardAtMs: number;
}

export interface TaskResult<R extends TaskReport = TaskReport> {
  readonly attempt: number;
  readonly worker: string;
  readonly report: R;
  readonly tookMs: number;
}

export interface WorkerState {
  readonly id: string;
  host: string;
  slots: number;
  /** Attempts that it runs. */
  busy: number;
  /** Not since the restart: nothing is started on it before it has joined again. */
  isMissing: boolean;
}

export function newPhase<R extends TaskReport>(
  kind: TaskKind,
  tasks: readonly { readonly hosts?: readonly string[] }[],
): Phase<R> {
  return {
    kind,
    tasks: tasks.map(({ hosts = [] }) => ({
      status: "idle",
      hosts,
      nextAttempt: 0,
      running: [],
      failures: 0,
      lostWorkers: 0,
      fetchFailures: 0,
      failedOn: [],
    })),
    idle: tasks.map((_, task) => task),
    completed: 0,
  };
}
