import { MapReduceError } from "./mapreduce-error.ts";

/** @throws {MapReduceError} `aborted`, with the signal's reason as its cause. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new MapReduceError("aborted", "the job was aborted", { cause: signal.reason });
}
