import type { Clock } from "@quorate/runtime";
import type { Cancellation } from "../ending.ts";
import { Aborted, AcquireTimeout, type LockError } from "../lock-error.ts";

/** When a caller stops waiting: its time, its signal, or the end of all. */
export class GiveUp {
  readonly #controller = new AbortController();
  readonly #release: () => void;
  /** What the store has failed with the last time. */
  failure: LockError | undefined;

  constructor(
    clock: Clock,
    name: string,
    waitMs: number,
    signal: AbortSignal | undefined,
    stopping: Cancellation,
  ) {
    const abort = (): void => {
      const message = `the wait for ${name} was aborted`;
      this.#controller.abort(new Aborted(message, { cause: signal!.reason }));
    };
    const stop = (): void => this.#controller.abort(stopping.reason);
    const timeOut = (): void => {
      const options = this.failure && { cause: this.failure };
      const message = `${name} was not to be had within ${waitMs} ms`;
      this.#controller.abort(new AcquireTimeout(message, options));
    };
    const timer = waitMs < Infinity ? clock.setTimer(waitMs, timeOut) : undefined;
    signal?.addEventListener("abort", abort);
    stopping.addEventListener("abort", stop);
    this.#release = () => {
      timer?.cancel();
      signal?.removeEventListener("abort", abort);
      stopping.removeEventListener("abort", stop);
    };
    if (stopping.aborted) stop();
    else if (signal?.aborted) abort();
  }

  /** Aborts with the error that the caller is to get. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#release();
  }
}
