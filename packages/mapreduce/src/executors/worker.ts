import type { MapReport, MapWork, ReduceWork, TaskProgress, TaskReport } from "../task/task.ts";

/** One attempt of one task, as plain data. */
export interface Assignment {
  readonly work: MapWork | ReduceWork;
  /** The attempt's own folders, which are there: for runs, and for its part of the output. */
  readonly folder: string;
  readonly outputFolder: string;
}

/** Runs one attempt at a time. */
export interface Worker {
  /**
   * @throws {MapReduceError} as the tasks do; `task-failed` when the worker died: it is started
   *   again for the next.
   */
  run(
    assignment: Assignment,
    onProgress: (done: TaskProgress) => void,
  ): Promise<MapReport | TaskReport>;
  /** Ends what it runs; that rejects. */
  stop(): Promise<void>;
}
