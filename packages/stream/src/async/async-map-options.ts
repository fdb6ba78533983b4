import { StreamError } from "../stream-error.ts";
import type { CallContext } from "./attempt.ts";

/**
 * Makes one record of one, later. A call is made again after a crash, a timeout or a failure: what it
 * does elsewhere should be idempotent. May return without a promise what it has at hand.
 */
export type AsyncCall<In, Out> = (value: In, context: CallContext) => Out | PromiseLike<Out>;

export interface AsyncMapOptions<In, Out> {
  /**
   * `unordered`: a record goes on as soon as its call has returned; watermarks still do not overtake
   * records, nor records them.
   *
   * @default "ordered"
   */
  readonly order?: "ordered" | "unordered";
  /**
   * Most calls at a time. No batch is read while more records wait, so those that wait for a call are
   * at most what one batch makes. A whole number from 1.
   *
   * @default 100
   */
  readonly maxInFlight?: number;
  /** Of each attempt, in processing time: looked at once a tick. @default Infinity */
  readonly timeoutMs?: number;
  /** Attempts after the first one. @default 0 */
  readonly maxRetries?: number;
  /** Between two attempts, in processing time. @default 0 */
  readonly retryDelayMs?: number;
  /**
   * What to put out when the last attempt failed (with a `StreamError` of code `timeout`, or what the
   * call rejected with).
   *
   * @default the job fails with that error
   */
  readonly onFailure?: (value: In, error: unknown) => Out;
}

export type ValidAsyncMapOptions<In, Out> = Required<Omit<AsyncMapOptions<In, Out>, "onFailure">> &
  Pick<AsyncMapOptions<In, Out>, "onFailure">;

/** @throws {StreamError} `invalid-option` */
export function validated<In, Out>(
  options: AsyncMapOptions<In, Out>,
): ValidAsyncMapOptions<In, Out> {
  const { maxInFlight = 100, timeoutMs = Infinity, maxRetries = 0, retryDelayMs = 0 } = options;
  const refuse = (name: string, value: number): never => {
    throw new StreamError("invalid-option", `${name} must not be ${value}`);
  };
  if (!(Number.isInteger(maxInFlight) && maxInFlight >= 1)) refuse("maxInFlight", maxInFlight);
  if (!(timeoutMs > 0)) refuse("timeoutMs", timeoutMs);
  if (!(Number.isInteger(maxRetries) && maxRetries >= 0)) refuse("maxRetries", maxRetries);
  if (!(retryDelayMs >= 0 && retryDelayMs < Infinity)) refuse("retryDelayMs", retryDelayMs);
  return {
    order: "ordered",
    ...options,
    maxInFlight,
    timeoutMs,
    maxRetries,
    retryDelayMs,
  };
}
