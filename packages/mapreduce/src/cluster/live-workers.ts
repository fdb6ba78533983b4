/** Which workers the master takes for alive, and who wants to know when one is not any more. */
export class LiveWorkers {
  #alive = new Set<string>();
  readonly #listeners = new Map<string, Set<() => void>>();

  has(worker: string): boolean {
    return this.#alive.has(worker);
  }

  update(workers: readonly string[]): void {
    this.#alive = new Set(workers);
    for (const [worker, listeners] of this.#listeners) {
      if (!this.has(worker)) for (const listener of listeners) listener();
    }
  }

  onGone(worker: string, listener: () => void): () => void {
    const listeners = this.#listeners.get(worker) ?? new Set();
    this.#listeners.set(worker, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(worker);
    };
  }
}
