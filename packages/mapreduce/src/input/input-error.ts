import { FileSystemError } from "@quorate/runtime";
import { MapReduceError, type Place } from "../mapreduce-error.ts";

const ADVICE: Partial<Record<FileSystemError["code"], string>> = {
  "not-found":
    "there is no such file or folder; check the path, it is relative to the folder that the job was started in",
  "not-permitted": "this process may not read it; change its permissions, or run as a user who may",
  "too-many-open": "too many files are open; raise the limit (ulimit -n)",
};

/** What a disk's failure is to whoever gave the path. */
export function invalidInput(path: string, error: unknown, place?: Place): MapReduceError {
  if (error instanceof MapReduceError) return error;
  const advice = error instanceof FileSystemError ? ADVICE[error.code] : undefined;
  const reason = advice ?? (error instanceof Error ? error.message : String(error));
  return new MapReduceError("invalid-input", `cannot read ${path}: ${reason}`, {
    cause: error,
    place,
  });
}
