import { FileSystemError } from "@quorate/runtime";
import { MapReduceError } from "../mapreduce-error.ts";

/** Runs `operation`; what the disk throws becomes a `no-space` or `output-failed` of this package. */
export function writing<T>(what: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof MapReduceError) throw error;
    const isFull = error instanceof FileSystemError && error.code === "no-space";
    const reason = error instanceof Error ? error.message : String(error);
    throw new MapReduceError(isFull ? "no-space" : "output-failed", `${what}: ${reason}`, {
      cause: error,
    });
  }
}
