import { MapReduceError } from "../mapreduce-error.ts";

/** @throws {MapReduceError} `aborted` when the signal did, with its reason as the cause. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new MapReduceError("aborted", "reading was aborted", { cause: signal.reason });
  }
}
