import type { Clock } from "./clock.ts";

/** An `AbortSignal`, or what can be listened to like one. */
export interface Abortable {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

/** Resolves when `ms` milliseconds have passed, one of `signals` aborts, or `until` settles. Never rejects. */
export function pause(
  clock: Clock,
  ms: number,
  signals: readonly (Abortable | undefined)[],
  until?: Promise<unknown>,
): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel();
      for (const signal of signals) signal?.removeEventListener("abort", end);
      resolve();
    };
    const timer = clock.setTimer(ms, end);
    for (const signal of signals) signal?.addEventListener("abort", end);
    void until?.then(end, end);
    if (signals.some((signal) => signal?.aborted)) end();
  });
}
