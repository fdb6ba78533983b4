import type { Acquirer } from "../acquire/acquirer.ts";
import { Backoff } from "../backoff.ts";
import type { Cancellation } from "../ending.ts";
import { request } from "../request.ts";
import type { Contender } from "../store/coordination-store.ts";

/** Watches who is first in a queue, from outside of it. */
export class QueueWatch {
  readonly #acquirer: Acquirer;
  readonly #queue: string;
  readonly #giveUp: Cancellation;
  readonly #over = new AbortController();
  readonly #backoff: Backoff;

  constructor(acquirer: Acquirer, queue: string, giveUp: Cancellation) {
    this.#acquirer = acquirer;
    this.#queue = queue;
    this.#giveUp = giveUp;
    giveUp.addEventListener("abort", () => this.#over.abort(giveUp.reason));
    this.#backoff = new Backoff(acquirer.world.clock, acquirer.world.random);
  }

  /** The first `limit` contenders; waits for the store. Rejects with the signal's reason. */
  async first(limit: number): Promise<readonly Contender[]> {
    const { store, clock, requestTimeoutMs } = this.#acquirer.world;
    for (;;) {
      try {
        const contenders = await request(clock, requestTimeoutMs, this.#giveUp, (call) =>
          store.contenders(this.#queue, limit, call),
        );
        this.#backoff.reset();
        return contenders;
      } catch {
        await this.#backoff.wait(this.#giveUp);
      }
    }
  }

  /** Until `ref` may be gone, or, without one, until somebody may have joined. */
  async change(ref: string | undefined): Promise<void> {
    const { store } = this.#acquirer.world;
    const call = { signal: this.#over.signal };
    try {
      await (ref === undefined
        ? store.whenJoined(this.#queue, call)
        : store.whenGone(this.#queue, ref, call));
    } catch {
      await this.#backoff.wait(this.#giveUp);
    }
  }
}
