import type { Connection } from "./connection.ts";

/**
 * Watches of one connection. ZooKeeper has none that can be taken back, so each path has one, for all
 * who wait, until it fires.
 */
export class NodeWatches {
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Calls `wake` once the node is gone, or at once when it is missing. Returns what ends that. */
  async onGone(connection: Connection, path: string, wake: () => void): Promise<() => void> {
    const watch = this.#watch(`gone ${path}`, wake);
    const node = await connection.node(path, watch.fire);
    if (!node) wake();
    return watch.stop;
  }

  /** Calls `wake` at the next change of the node's children. */
  async onChildren(connection: Connection, path: string, wake: () => void): Promise<() => void> {
    const watch = this.#watch(`children ${path}`, wake);
    await connection.children(path, watch.fire);
    return watch.stop;
  }

  /** The connection's session has ended, and its watches with it: whoever waits looks again. */
  fireAll(): void {
    for (const name of [...this.#waiting.keys()]) this.#fire(name);
  }

  #watch(name: string, wake: () => void): { readonly fire: () => void; readonly stop: () => void } {
    const waiting = this.#waiting.get(name) ?? new Set();
    waiting.add(wake);
    this.#waiting.set(name, waiting);
    return {
      fire: () => this.#fire(name),
      stop: () => {
        waiting.delete(wake);
        if (waiting.size === 0 && this.#waiting.get(name) === waiting) this.#waiting.delete(name);
      },
    };
  }

  #fire(name: string): void {
    const waiting = this.#waiting.get(name);
    this.#waiting.delete(name);
    for (const wake of waiting ?? []) wake();
  }
}
