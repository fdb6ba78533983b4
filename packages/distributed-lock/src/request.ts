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
    const call = new LazyCall();
    const settle = (outcome: () => void): void => {
      timer.cancel();
      signal?.removeEventListener("abort", abort);
      outcome();
    };
    const abandon = (error: Error): void => {
      settle(() => reject(error));
      call.abort(error);
    };
    const abort = (): void => abandon(signal!.reason as Error);
    const timer = clock.setTimer(timeoutMs, () => {
      abandon(new LockError("unreachable", `the store did not answer within ${timeoutMs} ms`));
    });
    signal?.addEventListener("abort", abort);
    ask(call).then(
      (answer) => settle(() => resolve(answer)),
      (cause: unknown) => {
        settle(() => reject(new LockError("unreachable", "the store did not answer", { cause })));
      },
    );
  });
}

/** A signal costs more than the rest of a request: it is made for stores that look at it. */
class LazyCall implements Required<StoreCall> {
  #controller: AbortController | undefined;
  #reason: Error | undefined;

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  abort(reason: Error): void {
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
