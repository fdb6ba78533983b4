import { boundedCall, type CallBounds } from "./bounded-call.ts";

/** A wait for something that the server knows, and tells by notifications that may get lost. */
export interface ChangeWait {
  /** Calls `wake` at each notification from when this resolves; returns what ends that. */
  listen(wake: () => void): Promise<() => void>;
  /** `over`, or the milliseconds after which it may be over without a notification. */
  look(): Promise<"over" | number>;
}

export interface ChangeWaitBounds extends CallBounds {
  /** Milliseconds after which to look again in any case. */
  readonly pollMs: number;
  /** Ends the wait as `signal` does. */
  readonly closing: AbortSignal;
}

/**
 * Resolves once a look says that it is over, or a notification came: looks after it has begun to
 * listen, so that nothing is missed in between, and again when time may have ended it.
 */
export async function waitForChange(bounds: ChangeWaitBounds, wait: ChangeWait): Promise<void> {
  const { clock, signal, closing, pollMs } = bounds;
  const woken = new Wake();
  const wake = (): void => woken.call();
  signal?.addEventListener("abort", wake);
  closing.addEventListener("abort", wake);
  const stopped = (): void => [signal, closing].forEach((either) => either?.throwIfAborted());
  let listening: Promise<() => void> | undefined;
  try {
    await boundedCall(bounds, () => (listening = wait.listen(wake)));
    for (;;) {
      stopped();
      const lookAgainMs = await wait.look();
      if (lookAgainMs === "over") return;
      const timer = clock.setTimer(Math.min(lookAgainMs, pollMs), () => woken.timeIsUp());
      const isWoken = await woken.next();
      timer.cancel();
      stopped();
      if (isWoken) return;
    }
  } catch (error) {
    // A call that was under way may have failed because of it.
    stopped();
    throw error;
  } finally {
    signal?.removeEventListener("abort", wake);
    closing.removeEventListener("abort", wake);
    // Also when it began only after it was given up.
    listening?.then(
      (stopListening) => stopListening(),
      () => {},
    );
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
