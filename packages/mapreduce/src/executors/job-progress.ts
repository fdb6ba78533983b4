/** How far a job is. */
export interface JobProgress {
  readonly phase: "map" | "reduce";
  /** Of a chain: which of its jobs, from 0. */
  readonly step: number;
  /** Tasks of the phase that are done, and all of them. */
  readonly done: number;
  readonly tasks: number;
  /** Records and bytes of the phase so far, with those of attempts that failed. */
  readonly records: number;
  readonly bytes: number;
  /** Bytes of input; `undefined` where that is not known before, and of a reduce. */
  readonly totalBytes: number | undefined;
  /** Milliseconds since the job began. */
  readonly elapsedMs: number;
}
