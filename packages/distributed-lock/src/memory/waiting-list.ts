import type { StoreCall } from "../store/coordination-store.ts";

/** Calls that wait for something that has a name. */
export class WaitingList {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Resolves at the next `wake(name)`; rejects with the signal's reason when that aborts first. */
  async wait(name: string, { signal }: StoreCall = {}): Promise<void> {
    signal?.throwIfAborted();
    const waiting = this.#waiting.get(name) ?? new Set();
    this.#waiting.set(name, waiting);
    await new Promise<void>((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener("abort", abort);
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
      };
      const wake = (): void => {
        leave();
        resolve();
      };
      const abort = (): void => {
        leave();
        reject(signal!.reason as Error);
      };
      waiting.add(wake);
      signal?.addEventListener("abort", abort);
    });
  }

  /** Returns how many waited. */
  wake(name: string): number {
    const waiting = this.#waiting.get(name);
    if (!waiting) return 0;
    const count = waiting.size;
    for (const wake of [...waiting]) wake();
    return count;
  }
}
