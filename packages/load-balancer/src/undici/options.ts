import type { Clock } from "@quorate/runtime";
import type { Dispatcher } from "undici";
import { LoadBalancerError } from "../load-balancer-error.ts";
import type { PickContext } from "../pick.ts";

/** How requests are balanced, retried and judged. */
export interface BalanceOptions {
  /** What the pick may go by: a hash key, a sticky session, a priority. */
  readonly context?: (request: Dispatcher.DispatchOptions) => PickContext | undefined;
  /**
   * Whether a request may be sent twice.
   *
   * @default what the request's own `idempotent` says, else its method (RFC 9110 §9.2.2: GET, HEAD,
   * OPTIONS, TRACE, PUT, DELETE)
   */
  readonly isIdempotent?: (request: Dispatcher.DispatchOptions) => boolean;
  /**
   * Whether a status says that the endpoint failed. Such an answer is retried where that is allowed,
   * else delivered.
   *
   * @default 500 and above, but not 501 and 505
   */
  readonly isFailure?: (status: number) => boolean;
  /**
   * Whether a request waits in the balancer's pending queue when the concurrency limit is reached,
   * or fails with `overloaded` at once.
   *
   * @default true
   */
  readonly waits?: boolean;
  /**
   * Most bytes read of an answer that is thrown away for a retry, so that its connection can be used
   * again; a longer one costs its connection. A whole number from 0.
   *
   * @default 65536
   */
  readonly maxDiscardedBytes?: number;
}

/** What the drivers of `./undici` need from outside; each has a default. */
export interface BalanceDependencies {
  /** For pauses before retries and hedges. @default systemClock */
  readonly clock?: Clock;
}

export type BalanceSettings = Required<Omit<BalanceOptions, "context">> & {
  readonly context: BalanceOptions["context"] | undefined;
};

const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set([
  "GET",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PUT",
  "DELETE",
]);

/** Every default filled in, every field checked. */
export function validated(options: BalanceOptions): BalanceSettings {
  const { context, waits = true, maxDiscardedBytes = 65_536 } = options;
  if (!(Number.isInteger(maxDiscardedBytes) && maxDiscardedBytes >= 0)) {
    throw new LoadBalancerError(
      "invalid-option",
      `maxDiscardedBytes must be a whole number from 0, not ${maxDiscardedBytes}`,
    );
  }
  const { isIdempotent = idempotentByMethod, isFailure = serverFailed } = options;
  return { context, waits, maxDiscardedBytes, isIdempotent, isFailure };
}

function idempotentByMethod({ idempotent, method }: Dispatcher.DispatchOptions): boolean {
  return idempotent ?? IDEMPOTENT_METHODS.has(method);
}

/** Not implemented, and version not supported, are no illness of one endpoint. */
function serverFailed(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 505;
}
