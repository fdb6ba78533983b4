import type { MessagePort } from "node:worker_threads";
import type { ExchangeBatch } from "../../core/exchange/exchange-batch.ts";
import type { ErrorPolicy, RecordPlace } from "../../core/record-place.ts";
import type { CheckpointLayer } from "../../core/state/layer.ts";
import { StreamError, type StreamErrorCode } from "../../stream-error.ts";
import type { SubtaskMetrics } from "../metrics.ts";
import type { CheckpointPart } from "../subtask.ts";

/** What a thread is started with. */
export interface ThreadData {
  /** URL of the module that makes the pipeline. */
  readonly program: string;
  readonly argument: unknown;
  readonly subtask: number;
  readonly subtasks: number;
  /** To the other threads, by subtask; null at its own place. */
  readonly peers: readonly (MessagePort | null)[];
  readonly restored: readonly CheckpointLayer[];
  readonly options: ThreadOptions;
}

/** Those of a run that a thread needs: plain data. */
export interface ThreadOptions {
  readonly keyGroups: number;
  readonly sinkRecords: number;
  readonly maxDriftMs: number;
  readonly tickMs: number;
  readonly isObserved: boolean;
  readonly onError: ErrorPolicy;
  readonly allowDropped: readonly string[];
  readonly batchRecords: number;
  readonly credits: number;
}

export type ThreadCommand =
  | { readonly kind: "start" }
  | { readonly kind: "barrier"; readonly id: number; readonly isFinal: boolean }
  | { readonly kind: "commit"; readonly id: number }
  | { readonly kind: "metrics" }
  | { readonly kind: "close" };

export type ThreadEvent =
  | { readonly kind: "started" | "ended" | "closed" }
  | { readonly kind: "part"; readonly part: CheckpointPart }
  | { readonly kind: "committed"; readonly id: number }
  | { readonly kind: "metrics"; readonly metrics: SubtaskMetrics }
  | { readonly kind: "failed"; readonly error: SentError };

/** Between two threads: a batch of an edge, or credit for batches that were handed on. */
export type PeerMessage =
  | { readonly edge: number; readonly batch: ExchangeBatch }
  | { readonly edge: number; readonly credit: number };

/** An error as plain data. */
export interface SentError {
  readonly code: StreamErrorCode;
  readonly message: string;
  readonly stack: string | undefined;
  readonly place: RecordPlace | undefined;
  readonly cause: { readonly name: string; readonly message: string; readonly stack?: string };
}

export function sentError(error: unknown): SentError {
  const of = error instanceof Error ? error : new Error(String(error));
  const { code = "worker-failed", place } = of instanceof StreamError ? of : {};
  const { name, message, stack } = of.cause instanceof Error ? of.cause : of;
  return {
    code,
    message: of.message,
    stack: of.stack,
    place,
    cause: { name, message, ...(stack !== undefined && { stack }) },
  };
}

/** With the stack of where it was thrown, in the thread. */
export function receivedError({ code, message, stack, place, cause }: SentError): StreamError {
  const error = new StreamError(code, message, {
    cause: Object.assign(new Error(cause.message), cause),
    place,
  });
  return stack === undefined ? error : Object.assign(error, { stack });
}
