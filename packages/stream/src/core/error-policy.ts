import { StreamError } from "../stream-error.ts";
import type { Channel } from "./channel.ts";
import type { OnRecordError } from "./operator-input.ts";
import type { OutputTag } from "./output-tag.ts";
import type { ErrorPolicy, RecordPlace } from "./record-place.ts";

export interface ErrorPolicyContext {
  /** Id of the operator. */
  readonly id: string;
  readonly policy: ErrorPolicy;
  readonly place: () => RecordPlace | undefined;
  readonly sideOutput: <T>(tag: OutputTag<T>) => Channel<T>;
  readonly countFailed: () => void;
}

/** What an operator's policy does about a record on which it threw. */
export function onRecordError(context: ErrorPolicyContext): OnRecordError {
  const { id, policy, sideOutput, countFailed } = context;
  return (error, record, timestampMs) => {
    // It failed further down the chain, where the policy was to fail.
    if (isFailure(error)) throw error;
    const place = context.place();
    if (policy === "fail") throw recordFailed(id, error, place);
    countFailed();
    if (policy === "skip") return;
    const letter = { record, timestampMs, operator: id, message: messageOf(error), place };
    sideOutput(policy.deadLetter).record(letter, timestampMs);
  };
}

/** Errors that say already which operator failed. */
const failures = new WeakSet<object>();

/** `cause` with the operator and the place of the record; an error of this package keeps its code. */
export function recordFailed(
  id: string,
  cause: unknown,
  place: RecordPlace | undefined,
): StreamError {
  if (isFailure(cause)) return cause;
  const message = `${id} failed${inWords(place)}: ${messageOf(cause)}`;
  const code = cause instanceof StreamError ? cause.code : "record-failed";
  const failure = new StreamError(code, message, { cause, place });
  failures.add(failure);
  return failure;
}

function isFailure(error: unknown): error is StreamError {
  return error instanceof StreamError && failures.has(error);
}

function inWords(place: RecordPlace | undefined): string {
  if (!place) return "";
  const { source, split, position, index } = place;
  const at = position === undefined ? "the start" : JSON.stringify(position);
  return ` at record ${index} after ${at} of ${source}${split && `, split ${split}`}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
