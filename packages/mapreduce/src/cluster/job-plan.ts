import type { Split } from "../input/input.ts";
import type { BadRecord } from "../task/task.ts";
import type { AttemptId } from "../tracker/index.ts";

/** A job as the cluster sees it. JSON: it is kept in the journal and sent to workers. */
export interface JobPlan {
  /** The pieces of the input, one map task each. */
  readonly splits: readonly PlannedSplit[];
  /** Reduce tasks; 0 when nothing is reduced and the maps' own output is committed. */
  readonly partitions: number;
  /** Of a job that is partitioned `byRanges`, see `MapWork`. */
  readonly ranges?: readonly string[];
  /**
   * Records that may be set aside in all tasks together; one more fails the job with `bad-record`.
   *
   * @default no limit
   */
  readonly maxBadRecords?: number;
  /** What the workers' `runTask` is given: the job's module, its arguments. */
  readonly spec: unknown;
}

export interface PlannedSplit {
  /** Which of the job's sources it is of. */
  readonly source: number;
  readonly split: Split;
}

/**
 * Where the results of a job go, as the master sees it: a folder that all workers share. Everything
 * may be asked for twice, by two masters one after the other, and must then succeed the second time.
 */
export interface JobOutput {
  /**
   * Makes room for what attempts write, and keeps what is committed. Called each time that a master
   * starts, before all else. @throws {MapReduceError} `output-exists`.
   */
  begin(): Promise<void>;
  /**
   * Puts the attempt's output in its place, durably. Either that, or it rejects, and nothing of it is
   * in its place.
   */
  commit(attempt: AttemptId): Promise<void>;
  /**
   * Removes what the attempt wrote, so that it can be committed by nobody any more. Called after a
   * commit has failed, before another attempt is allowed one.
   */
  discard(attempt: AttemptId): Promise<void>;
  /**
   * All tasks, from 0 to before `tasks`, are committed: the result may be seen, with the records that
   * were set aside beside it.
   */
  finish(tasks: number, badRecords: readonly BadRecord[]): Promise<void>;
  /** The job has failed: nothing of it is to be seen. */
  abort(): Promise<void>;
}
