import type { Clock } from "@quorate/runtime";
import { StoreError } from "./store-error.ts";

/** What bounds a call: whichever comes first. */
export interface CallBounds {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * `operate`'s result, unless it takes longer than `timeoutMs` (rejects with `unreachable`) or `signal`
 * aborts (rejects with its reason). What was sent by then is not taken back. Whatever `operate`
 * rejects with becomes the `cause` of an `unreachable`, but for a `StoreError`, which stays.
 */
export async function boundedCall<T>(
  { clock, timeoutMs, signal }: CallBounds,
  operate: () => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const settle = (): void => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const abort = (): void => fail(signal!.reason);
    const timer = clock.setTimer(timeoutMs, () =>
      fail(new StoreError("unreachable", `no answer within ${timeoutMs} ms`)),
    );
    signal?.addEventListener("abort", abort);
    settledBy(operate).then(
      (result) => {
        settle();
        resolve(result);
      },
      (cause: unknown) => fail(asStoreError(cause)),
    );
  });
}

/** What it throws at once counts as a rejection. */
async function settledBy<T>(operate: () => Promise<T>): Promise<T> {
  return operate();
}

function asStoreError(cause: unknown): StoreError {
  if (cause instanceof StoreError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new StoreError("unreachable", message, { cause });
}
