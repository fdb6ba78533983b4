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
  "parts aligned over several subtasks",
  "checkpoints that could not be stored",
  "checkpoints that made up for one that was not stored",
  "barriers that came again",
  "parts that came again",
  "commits retried",
  "transactions committed by a recovery",
  "transactions dropped by a recovery",
  "writers without credit",
  "late records",
  "subtasks that told others that they are idle",
  "timers fired after a restore",
] as const;

export type StreamCoverage = (typeof STREAM_COVERAGE)[number];
export type Cover = (what: StreamCoverage, by?: number) => void;
