import type { Locator } from "@quorate/consistent-hashing";
import { type Clock, systemClock } from "@quorate/runtime";
import { Deliveries } from "../src/dispatch/deliveries.ts";
import { Reviews } from "../src/reviews/reviews.ts";
import { OrderStore } from "../src/orders/order-store.ts";
import { foundRing, shardNames } from "../src/shards/shard-ring.ts";
import { MemoryKv, type Trouble } from "./memory-kv.ts";

/** The orders of a cluster whose shards are in memory. */
export class MemoryShards {
  readonly ring: Locator;
  readonly stores: ReadonlyMap<string, MemoryKv>;
  readonly orders: OrderStore;
  readonly deliveries: Deliveries;
  readonly reviews: Reviews;

  constructor(shards: number, clock: Clock = systemClock) {
    this.ring = foundRing(shards);
    this.stores = new Map(shardNames(this.ring).map((name) => [name, new MemoryKv()]));
    this.orders = new OrderStore(this.ring, this.stores, clock);
    this.deliveries = new Deliveries(this.ring, this.stores, clock);
    this.reviews = new Reviews(this.ring, this.stores);
  }

  /** Of all shards. */
  set trouble(trouble: Trouble | undefined) {
    for (const store of this.stores.values()) store.trouble = trouble;
  }
}
