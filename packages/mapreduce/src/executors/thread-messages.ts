import type { MapReduceErrorCode, Place } from "../mapreduce-error.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { MapReport, TaskOptions, TaskProgress, TaskReport } from "../task/task.ts";
import type { JobReference } from "./job-reference.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly job: JobReference;
  readonly memoryBytes: number;
  readonly options: TaskOptions;
}

/** What a thread says about the assignment that it was sent. */
export type ThreadMessage =
  | { readonly kind: "progress"; readonly done: TaskProgress }
  | { readonly kind: "done"; readonly report: MapReport | TaskReport }
  | { readonly kind: "failed"; readonly error: SentError };

/** An error as plain data. */
export interface SentError {
  readonly code: MapReduceErrorCode;
  readonly message: string;
  readonly stack: string | undefined;
  readonly place: Place | undefined;
  readonly cause:
    | { readonly name: string; readonly message: string; readonly stack?: string }
    | undefined;
}

export function sentError({ code, message, stack, place, cause }: MapReduceError): SentError {
  const of = cause instanceof Error ? cause : undefined;
  return {
    code,
    message,
    stack,
    place,
    cause: of && { name: of.name, message: of.message, ...(of.stack && { stack: of.stack }) },
  };
}

/** With the stack of where it was thrown: in the thread, in the job's own code perhaps. */
export function receivedError({ code, message, stack, place, cause }: SentError): MapReduceError {
  const error = new MapReduceError(code, message, {
    ...(cause && { cause: Object.assign(new Error(cause.message), cause) }),
    place,
  });
  return stack === undefined ? error : Object.assign(error, { stack });
}
