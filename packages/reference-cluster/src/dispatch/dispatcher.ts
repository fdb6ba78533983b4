import type { HeldLock, Lock } from "@quorate/distributed-lock";
import { type Clock, pause, pick, type Random } from "@quorate/runtime";
import type { Deliveries } from "./deliveries.ts";
import type { DeliveryShard, Dispatched } from "./delivery-shard.ts";

const COURIERS: readonly string[] = Array.from({ length: 12 }, (_, at) => `courier-${at + 1}`);
/** Before it lines up again after something went wrong. */
const RETRY_MS = 500;

/**
 * Sends couriers to the orders that wait for one, while it holds the lock: one dispatcher at a time. What
 * makes this safe is not that it believes to hold the lock, but that the orders refuse an older token.
 */
export class Dispatcher {
  readonly #id: string;
  readonly #lock: Lock;
  readonly #deliveries: Deliveries;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #stopping = new AbortController();
  #token: bigint | undefined;
  #work: Promise<void> | undefined;

  constructor(
    id: string,
    lock: Lock,
    deliveries: Deliveries,
    { clock, random }: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#id = id;
    this.#lock = lock;
    this.#deliveries = deliveries;
    this.#clock = clock;
    this.#random = random;
  }

  start(): void {
    this.#work ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#work;
  }

  /**
   * Sends a courier to one order, under the token of the lock as it held it last, without a look whether it
   * still does: what a process does that was paused between the look and the write.
   */
  async dispatchBlindly(orderId: string): Promise<Dispatched> {
    return this.#dispatch(orderId, this.#token ?? 0n);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#lock.run((held) => this.#serve(held), { signal, metadata: this.#id });
      } catch {
        // The lock was lost, or the stores are out of reach: in both cases others may do better.
      }
      await pause(this.#clock, RETRY_MS, [signal]);
    }
  }

  async #serve({ token, signal }: HeldLock): Promise<void> {
    this.#token = token;
    const over = AbortSignal.any([signal, this.#stopping.signal]);
    const failed = new AbortController();
    const serving = [...this.#deliveries.shards].map(async (shard) => {
      try {
        await this.#serveShard(shard, token, AbortSignal.any([over, failed.signal]));
      } finally {
        failed.abort();
      }
    });
    await Promise.allSettled(serving);
  }

  async #serveShard(shard: DeliveryShard, token: bigint, signal: AbortSignal): Promise<void> {
    for await (const orderId of shard.waiting(signal)) {
      const dispatched = await this.#dispatch(orderId, token);
      if (dispatched === "stale-token" || dispatched === "unknown") return;
    }
  }

  #dispatch(orderId: string, token: bigint): Promise<Dispatched> {
    return this.#deliveries.dispatch(orderId, pick(this.#random, COURIERS), token);
  }
}
