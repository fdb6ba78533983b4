import { ReplicationError } from "../replication-error.ts";
import type { LinearizableReads, PendingRead } from "./linearizable-reads.ts";

const FAILURES = {
  stopped: () => new ReplicationError("stopped", "the node was stopped"),
  timeout: () => new ReplicationError("unavailable", "no leader confirmed this read in time"),
};

/** Whoever waits for a read. */
export interface ReadCaller {
  readonly deadlineMs: number;
  readonly signal: AbortSignal | undefined;
  /** Runs the query; what it throws goes to `reject`. */
  readonly answer: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Adds a read that is answered, failed, or given up by its signal, whatever comes first. */
export function addRead(reads: LinearizableReads, caller: ReadCaller): void {
  const { deadlineMs, signal, answer, reject } = caller;
  const abort = (): void => {
    reads.forget(read);
    reject(signal?.reason);
  };
  const read: PendingRead = {
    deadlineMs,
    serve: () => {
      signal?.removeEventListener("abort", abort);
      try {
        answer();
      } catch (error) {
        reject(error);
      }
    },
    fail: (reason) => {
      signal?.removeEventListener("abort", abort);
      reject(FAILURES[reason]());
    },
  };
  signal?.addEventListener("abort", abort, { once: true });
  reads.add(read);
}
