import type { Abortable } from "@quorate/runtime";

/** What ends waits: an `AbortSignal`, or an `Ending`. */
export type Cancellation = Abortable & Pick<AbortSignal, "reason">;

/** The end of something on which many may wait: an `AbortSignal` warns from eleven listeners on. */
export class Ending implements Cancellation {
  readonly #listeners = new Set<() => void>();
  #reason: Error | undefined;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): unknown {
    return this.#reason;
  }

  /** Only the first counts. */
  end(reason: Error): void {
    if (this.#reason) return;
    this.#reason = reason;
    for (const listener of [...this.#listeners]) listener();
    this.#listeners.clear();
  }

  throwIfEnded(): void {
    if (this.#reason) throw this.#reason;
  }

  addEventListener(_: "abort", listener: () => void): void {
    this.#listeners.add(listener);
  }

  removeEventListener(_: "abort", listener: () => void): void {
    this.#listeners.delete(listener);
  }
}
