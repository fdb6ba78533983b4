import { FileSystemError } from "@quorate/runtime";
import { MapReduceError } from "../mapreduce-error.ts";

/** What went wrong in a task, as this package's error. */
export function taskError(error: unknown): MapReduceError {
  if (error instanceof MapReduceError) return error;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof FileSystemError && error.code === "no-space") {
    const advice =
      "free some, or choose another disk (by scratchFolder, of a cluster by a worker's folder)";
    return new MapReduceError("no-space", `the disk is full: ${message}; ${advice}`, {
      cause: error,
    });
  }
  return new MapReduceError("task-failed", message, { cause: error });
}
