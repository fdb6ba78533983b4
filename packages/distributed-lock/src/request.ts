import type { Clock } from "@quorate/runtime";
import type { Cancellation } from "./ending.ts";
import { LockError } from "./lock-error.ts";
import type { StoreCall } from "./store/coordination-store.ts";

/**
 * Asks the store, and waits no longer than `timeoutMs`, nor beyond `signal`, whether the store heeds
 * that or not.
 *
 * @throws {LockError} `unreachable`, with what the store said.
 * @throws the signal's reason.
 */
export function request<T>(
  clock: Clock,
  timeoutMs: number,
  signal: Cancellation | undefined,
  ask: (call: Required<StoreCall>) => Promise<T>,
): Promise<T> {
  if (signal?.aborted) return Promise.reject(signal.reason as Error);
  return new Promise<T>((resolve, reject) => {
    const ending = new AbortController();
    const settle = (outcome: () => void): void => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
      outcome();
    };
    const abandon = (error: Error): void => {
      settle(() => reject(error));
      ending.abort(error);
    };
    const abort = (): void => abandon(signal!.reason as Error);
    const timer = clock.setTimer(timeoutMs, () => {
      abandon(new LockError("unreachable", `the store did not answer within ${timeoutMs} ms`));
    });
    signal?.addEventListener("abort", abort);
    ask({ signal: ending.signal }).then(
      (answer) => settle(() => resolve(answer)),
      (cause: unknown) => {
        settle(() => reject(new LockError("unreachable", "the store did not answer", { cause })));
      },
    );
  });
}
