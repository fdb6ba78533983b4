import type { Locator } from "@quorate/consistent-hashing";
import type { Clock } from "@quorate/runtime";
import {
  type Delivery,
  type DeliveryKv,
  DeliveryShard,
  type Dispatched,
} from "./delivery-shard.ts";

/** All deliveries, each in the shard of its order. */
export class Deliveries {
  readonly #ring: Pick<Locator, "locate">;
  readonly #shards: ReadonlyMap<string, DeliveryShard>;

  /** @param stores of each shard of the ring, by its name */
  constructor(
    ring: Pick<Locator, "locate">,
    stores: ReadonlyMap<string, DeliveryKv>,
    clock: Clock,
  ) {
    this.#ring = ring;
    this.#shards = new Map([...stores].map(([name, kv]) => [name, new DeliveryShard(kv, clock)]));
  }

  get shards(): Iterable<DeliveryShard> {
    return this.#shards.values();
  }

  dispatch(orderId: string, courier: string, token: bigint): Promise<Dispatched> {
    return this.#shard(orderId).dispatch(orderId, courier, token);
  }

  /** @throws {KvError} `unavailable`. */
  find(orderId: string): Promise<Delivery | undefined> {
    return this.#shard(orderId).find(orderId);
  }

  /** How many orders wait for a courier. @throws {KvError} `unavailable`. */
  async countWaiting(): Promise<number> {
    const counts = await Promise.all([...this.shards].map((shard) => shard.countWaiting()));
    return counts.reduce((sum, count) => sum + count, 0);
  }

  #shard(orderId: string): DeliveryShard {
    return this.#shards.get(this.#ring.locate(orderId))!;
  }
}
