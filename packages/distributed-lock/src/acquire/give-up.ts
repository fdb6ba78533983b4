import type { Clock } from "@quorate/runtime";
import { type Cancellation, Ending } from "../ending.ts";
import { Aborted, AcquireTimeout, type LockError } from "../lock-error.ts";

/** When a caller stops waiting: its time, its signal, or the end of all; with the error that it gets. */
export class GiveUp extends Ending {
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
    super();
    const abort = (): void => {
      const message = `the wait for ${name} was aborted`;
      this.end(new Aborted(message, { cause: signal!.reason }));
    };
    const stop = (): void => this.end(stopping.reason as Error);
    const timeOut = (): void => {
      const options = this.failure && { cause: this.failure };
      const message = `${name} was not to be had within ${waitMs} ms`;
      this.end(new AcquireTimeout(message, options));
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

  [Symbol.dispose](): void {
    this.#release();
  }
}
