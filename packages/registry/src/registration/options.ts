import { requireThat, requireTimes } from "../registry-error.ts";
import type { Check } from "./check.ts";

export interface RegisterOptions {
  /**
   * Seconds that the instance stays in the store when this process dies without a word, and so about how
   * long it may be cut off from the store without being missed. A whole number from 1.
   *
   * @default 10
   */
  readonly ttlSeconds?: number;
  /** By their names; `self` is taken. @default none */
  readonly checks?: Readonly<Record<string, Check>>;
  /**
   * Milliseconds, above 0: one that is critical for so long is taken out of the store, and put back when
   * it is not critical any more.
   *
   * @default Infinity
   */
  readonly deregisterAfterCriticalMs?: number;
  /** Gives up registering; of no effect once it is registered. */
  readonly signal?: AbortSignal;
}

export type ValidatedRegisterOptions = Required<Omit<RegisterOptions, "signal">>;

/** Every default filled in, every field checked. */
export function validated(options: RegisterOptions): ValidatedRegisterOptions {
  const { ttlSeconds = 10, checks = {}, deregisterAfterCriticalMs = Infinity } = options;
  requireThat(
    Number.isInteger(ttlSeconds) && ttlSeconds >= 1,
    `ttlSeconds must be a whole number from 1, not ${ttlSeconds}`,
  );
  requireTimes({ deregisterAfterCriticalMs });
  requireThat(!("self" in checks), "no check may be called self: that is the process's own word");
  return { ttlSeconds, checks, deregisterAfterCriticalMs };
}
