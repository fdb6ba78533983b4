import type { Locator } from "@quorate/consistent-hashing";
import type { Clock } from "@quorate/runtime";
import { v7 as timeOrderedUuid } from "uuid";
import { mergePages } from "./merge-pages.ts";
import { newOrder, type Order, type OrderRequest } from "./order.ts";
import {
  type OrderKv,
  type OrderPage,
  OrderShard,
  type Placement,
  type StoredOrder,
} from "./order-shard.ts";

/** With 16 shards one in 10^250 keys would need more. */
const MAX_DRAWS = 10_000;

/** All orders, spread over the shards by their ids. */
export class OrderStore {
  readonly #ring: Pick<Locator, "locate">;
  readonly #shards: ReadonlyMap<string, OrderShard>;
  readonly #clock: Clock;

  /** @param stores of each shard of the ring, by its name */
  constructor(ring: Pick<Locator, "locate">, stores: ReadonlyMap<string, OrderKv>, clock: Clock) {
    this.#ring = ring;
    this.#shards = new Map([...stores].map(([name, kv]) => [name, new OrderShard(kv)]));
    this.#clock = clock;
  }

  /** The name of the shard that has the order of this id, if there is one. */
  shardOf(id: string): string {
    return this.#ring.locate(id);
  }

  /**
   * Places a new order, under an id of its own. With an `idempotencyKey`, however often it is called,
   * the order is placed at most once.
   *
   * @param newId that nobody has used; not with an `idempotencyKey`
   */
  place(request: OrderRequest, idempotencyKey?: string, newId?: string): Promise<Placement> {
    const id =
      idempotencyKey === undefined ? (newId ?? timeOrderedUuid()) : this.#idBeside(idempotencyKey);
    return this.#shard(id).place(this.#new(id, request), idempotencyKey);
  }

  /** Places an order under this id, at most once, however often it is called. */
  put(id: string, request: OrderRequest): Promise<Placement> {
    return this.#shard(id).put(this.#new(id, request));
  }

  /** @throws {KvError} `unavailable` when no leader of its shard confirmed the read in time. */
  find(id: string): Promise<Order | undefined> {
    return this.#shard(id).find(id);
  }

  /**
   * A merchant's orders, the newest first; with `before`, those that are older than that id.
   *
   * @throws {KvError} `unavailable` when a shard has no leader that confirms the read in time.
   */
  async ofMerchant(merchantId: string, limit: number, before?: string): Promise<OrderPage> {
    const shards = [...this.#shards.values()];
    const pages = shards.map((shard) => shard.ofMerchant(merchantId, limit, before));
    return mergePages(await Promise.all(pages), limit);
  }

  /** Every order there is, shard by shard; in the wrong shard is nowhere. */
  async *all(): AsyncGenerator<StoredOrder> {
    for (const [name, shard] of this.#shards) {
      for await (const stored of shard.all()) {
        if (this.shardOf(stored.order.id) === name) yield stored;
      }
    }
  }

  /** Every entry of the merchants' lists, as `MERCHANT/orders/ID`. */
  async *listed(): AsyncGenerator<string> {
    for (const shard of this.#shards.values()) yield* shard.listed();
  }

  /**
   * An order and its idempotency key are written in one transaction, so the key says which shard, and
   * the id is drawn until it is one of that shard: as many times as there are shards, on average.
   */
  #idBeside(idempotencyKey: string): string {
    const shard = this.shardOf(idempotencyKey);
    for (let draw = 0; draw < MAX_DRAWS; draw++) {
      const id = timeOrderedUuid();
      if (this.shardOf(id) === shard) return id;
    }
    throw new Error(`no id of ${shard} in ${MAX_DRAWS} draws`);
  }

  #new(id: string, request: OrderRequest): Order {
    return newOrder(id, this.#clock.wallTime(), request);
  }

  #shard(id: string): OrderShard {
    return this.#shards.get(this.shardOf(id))!;
  }
}
