import { PaxosError } from "../paxos-error.ts";

interface Waiter<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

/** Those who wait for one value that comes at most once. */
export class Waiters<T> {
  readonly #most: number;
  readonly #waiting = new Set<Waiter<T>>();

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws {PaxosError} `overloaded`. @throws the signal's reason, also as a rejection. */
  wait(signal: AbortSignal | undefined): Promise<T> {
    signal?.throwIfAborted();
    if (this.#waiting.size >= this.#most) {
      throw new PaxosError("overloaded", `${this.#waiting.size} callers wait already`);
    }
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => waiter.reject(signal?.reason);
      const waiter: Waiter<T> = {
        resolve: (value) => (leave(), resolve(value)),
        reject: (reason) => (leave(), reject(reason)),
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  resolveAll(value: T): void {
    for (const waiter of this.#waiting) waiter.resolve(value);
  }

  rejectAll(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(reason);
  }
}
