import type { AcquireOptions, WaitOptions } from "../acquire/acquire-options.ts";
import type { Acquirer } from "../acquire/acquirer.ts";
import type { HeldLock } from "../acquire/held-lock.ts";
import { checkedWait } from "../options.ts";
import type { Lock } from "./lock.ts";
import { QueueWatch } from "./queue-watch.ts";

/** Holds everybody up who comes to it, as long as anybody keeps it up. */
export interface Barrier {
  readonly name: string;

  /**
   * Raises it; it is up until what this resolves to is released, or lost with its holder. Several may
   * raise it: it is up until the last of them is gone.
   *
   * @throws as `Lock.tryAcquire`.
   */
  raise(options?: AcquireOptions): Promise<HeldLock>;

  /**
   * Resolves once it is not up.
   *
   * @throws {AcquireTimeout} `waitMs` has passed.
   * @throws {Aborted} The signal has aborted.
   */
  wait(options?: Pick<WaitOptions, "waitMs" | "signal">): Promise<void>;
}

export class QueueBarrier implements Barrier {
  readonly name: string;
  readonly #acquirer: Acquirer;
  readonly #lock: Lock;

  constructor(acquirer: Acquirer, lock: Lock) {
    this.name = lock.name;
    this.#acquirer = acquirer;
    this.#lock = lock;
  }

  /** In the queue as one of those who share it: nobody is waited for. */
  raise(options?: AcquireOptions): Promise<HeldLock> {
    return this.#lock.acquire(options);
  }

  async wait({
    waitMs = Infinity,
    signal,
  }: { waitMs?: number; signal?: AbortSignal } = {}): Promise<void> {
    using giveUp = this.#acquirer.giveUp(this.name, checkedWait(waitMs), signal);
    const watch = new QueueWatch(this.#acquirer, this.name, giveUp);
    for (;;) {
      const [first] = await watch.first(1);
      if (!first) return;
      await watch.change(first.ref);
    }
  }
}
