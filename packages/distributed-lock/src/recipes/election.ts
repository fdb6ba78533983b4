import type { WaitOptions } from "../acquire/acquire-options.ts";
import type { Acquirer } from "../acquire/acquirer.ts";
import type { HeldLock } from "../acquire/held-lock.ts";
import type { Lock, LockContender } from "./lock.ts";
import { QueueWatch } from "./queue-watch.ts";

/** One of many is in charge, and everybody can see who. */
export interface Election {
  readonly name: string;

  /**
   * Resolves once this candidate leads: until the leadership is released (it resigns), or lost. Those
   * who observe see its `metadata`, such as its address.
   *
   * @throws as `Lock.acquire`.
   */
  campaign(options?: WaitOptions): Promise<HeldLock>;

  /** Gives up a leadership, as its `release` does. */
  resign(leadership: HeldLock): Promise<void>;

  /** Who leads now: a linearizable read. @throws {LockError} `unreachable`. */
  leader(): Promise<LockContender | undefined>;

  /**
   * Who leads, now and after each change; undefined while nobody does. Whoever is slow is told the latest
   * only. Waits for a store that does not answer. Ends when the signal aborts or the locks stop.
   */
  observe(options?: { readonly signal?: AbortSignal }): AsyncIterable<LockContender | undefined>;
}

export class QueueElection implements Election {
  readonly name: string;
  readonly #acquirer: Acquirer;
  readonly #lock: Lock;

  constructor(acquirer: Acquirer, lock: Lock) {
    this.name = lock.name;
    this.#acquirer = acquirer;
    this.#lock = lock;
  }

  campaign(options?: WaitOptions): Promise<HeldLock> {
    return this.#lock.acquire(options);
  }

  resign(leadership: HeldLock): Promise<void> {
    return leadership.release();
  }

  async leader(): Promise<LockContender | undefined> {
    return (await this.#lock.list())[0];
  }

  async *observe({ signal }: { readonly signal?: AbortSignal } = {}): AsyncGenerator<
    LockContender | undefined
  > {
    using giveUp = this.#acquirer.giveUp(this.name, Infinity, signal);
    const watch = new QueueWatch(this.#acquirer, this.name, giveUp);
    let told: string | undefined | null = null;
    while (!giveUp.aborted) {
      try {
        const [first] = await watch.first(1);
        if (first?.ref !== told) {
          told = first?.ref;
          yield first && { ...first, holds: true };
        }
        await watch.change(told);
      } catch (error) {
        if (!giveUp.aborted) throw error;
      }
    }
  }
}
