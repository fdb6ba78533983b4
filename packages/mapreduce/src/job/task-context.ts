/** What a job's own code has besides its records. */
export interface TaskContext<S> {
  /** What the job's `setup` returned in this worker. */
  readonly side: S;
  /**
   * Adds to a counter of the job, 1 by default. Counted once for each task, whatever was tried again:
   * only what a committed attempt counted is in the result.
   */
  count(name: string, by?: number): void;
}
