/** What runs of the target must have exercised. */
export const STREAM_COVERAGE = [
  "finished runs",
  "crashes with a checkpoint",
  "crashes while a commit was made",
  "restores",
  "rescalings",
  "restarts after a failure",
  "stops",
  "savepoints",
  "checkpoints",
  "checkpoints aligned over several ports",
  "checkpoints that could not be stored",
  "barriers that came again",
  "parts that came again",
  "commits retried",
  "transactions committed by a recovery",
  "transactions dropped by a recovery",
  "writers without credit",
  "late records",
  "splits that went idle",
  "timers fired after a restore",
] as const;

export type StreamCoverage = (typeof STREAM_COVERAGE)[number];
export type Cover = (what: StreamCoverage, by?: number) => void;
