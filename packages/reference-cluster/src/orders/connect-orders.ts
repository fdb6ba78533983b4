import type { Locator } from "@quorate/consistent-hashing";
import { createKvClient, type KvClient } from "@quorate/kv";
import { systemClock } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { shardNames } from "../shards/shard-ring.ts";
import { Deliveries } from "../dispatch/deliveries.ts";
import { Reviews } from "../reviews/reviews.ts";
import { OrderStore } from "./order-store.ts";

/** The orders of a cluster with what belongs to them, and the client of each shard's store by its name. */
export interface ConnectedOrders {
  readonly orders: OrderStore;
  readonly deliveries: Deliveries;
  readonly reviews: Reviews;
  readonly stores: ReadonlyMap<string, KvClient>;
  /** Ends what is under way early. */
  stop(): Promise<void>;
}

/** How long a request is tried before it is answered with 503 or 504. */
const REQUEST_TIMEOUT_MS = 5_000;

/** The caller starts the transport, and stops it after this. */
export function connectOrders(
  ring: Locator,
  nodes: readonly string[],
  transport: Transport,
): ConnectedOrders {
  const stores = new Map(
    shardNames(ring).map((store) => [
      store,
      createKvClient({ nodes, store, timeoutMs: REQUEST_TIMEOUT_MS }, { transport }),
    ]),
  );
  return {
    orders: new OrderStore(ring, stores, systemClock),
    deliveries: new Deliveries(ring, stores, systemClock),
    reviews: new Reviews(ring, stores),
    stores,
    stop: async () => void (await Promise.all([...stores.values()].map((kv) => kv.stop()))),
  };
}
