import type { Clock } from "./clock.ts";

/**
 * Settles as `call` does, but no later than `ended` aborts, which it does by itself after
 * `timeoutMs`: a call that ignores its signal is not waited for, and what becomes of it is nobody's.
 */
export async function inTime<T>(
  clock: Clock,
  timeoutMs: number,
  ended: AbortController,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = ended;
  const timer = clock.setTimer(timeoutMs, () =>
    ended.abort(new Error(`no answer in ${timeoutMs} ms`)),
  );
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
  try {
    return await Promise.race([call(signal), aborted]);
  } finally {
    timer.cancel();
  }
}
