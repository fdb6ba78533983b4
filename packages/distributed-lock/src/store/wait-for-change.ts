import type { Clock } from "@quorate/runtime";

/** A wait for something that the server knows, and tells by notifications that may get lost. */
export interface ChangeWait {
  readonly clock: Clock;
  /** Whichever aborts first ends the wait with its reason. */
  readonly signals: readonly (AbortSignal | undefined)[];
  /** Milliseconds after which to look again in any case. */
  readonly pollMs: number;
  /** Calls `wake` at each notification from when this resolves; returns what ends that. */
  listen(wake: () => void): Promise<() => void>;
  /** `over`, or the milliseconds after which it may be over without a notification. */
  look(): Promise<"over" | number>;
}

/**
 * Resolves once a look says that it is over, or a notification came: looks after it has begun to
 * listen, so that nothing is missed in between, and again when time may have ended it.
 */
export async function waitForChange(wait: ChangeWait): Promise<void> {
  const { clock, signals, pollMs } = wait;
  const woken = new Wake();
  const abort = (): void => woken.call();
  for (const signal of signals) signal?.addEventListener("abort", abort);
  let stopListening = (): void => {};
  try {
    stopListening = await wait.listen(() => woken.call());
    for (;;) {
      for (const signal of signals) signal?.throwIfAborted();
      const lookAgainMs = await wait.look();
      if (lookAgainMs === "over") return;
      const timer = clock.setTimer(Math.min(lookAgainMs, pollMs), () => woken.timeIsUp());
      const isWoken = await woken.next();
      timer.cancel();
      for (const signal of signals) signal?.throwIfAborted();
      if (isWoken) return;
    }
  } finally {
    for (const signal of signals) signal?.removeEventListener("abort", abort);
    stopListening();
  }
}

/** Remembers a call that nobody has waited for yet. */
class Wake {
  #isCalled = false;
  #resume: (isWoken: boolean) => void = () => {};

  call(): void {
    this.#isCalled = true;
    this.#resume(true);
  }

  timeIsUp(): void {
    this.#resume(false);
  }

  async next(): Promise<boolean> {
    if (this.#isCalled) return true;
    return new Promise<boolean>((resolve) => (this.#resume = resolve));
  }
}
