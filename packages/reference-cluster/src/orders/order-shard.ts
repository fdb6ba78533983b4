import { isDeepStrictEqual } from "node:util";
import { createRevision, type KvClient, type Put, put, range, utf8, withPrefix } from "@quorate/kv";
import { scan } from "./scan.ts";
import { type Order, type OrderSummary, requestOf } from "./order.ts";
import {
  idempotencyKeyOf,
  MERCHANTS,
  merchantsOrders,
  orderKey,
  ORDERS,
  waitingKey,
} from "./order-keys.ts";

/** How placing an order ended. */
export type Placement =
  | { readonly kind: "placed"; readonly order: Order }
  /** The same order was placed under this id or idempotency key before: this is what came of it. */
  | { readonly kind: "repeated"; readonly order: Order }
  /** Another order has this id. */
  | { readonly kind: "id-taken" }
  /** Another order was placed under this idempotency key before. */
  | { readonly kind: "key-reused" }
  | { readonly kind: "rejected"; readonly reason: string }
  /** It may be there under `id`, or come to be, or not. */
  | { readonly kind: "unknown"; readonly reason: string; readonly id: string };

export interface OrderPage {
  readonly orders: readonly OrderSummary[];
  /** Pass it as `before` for the next page; absent on the last one. */
  readonly next?: string;
}

/** An order as it is stored. */
export interface StoredOrder {
  readonly order: Order;
  /** How often its key was written: 1, as an order is never changed. */
  readonly writes: number;
}

/** What is needed of a shard's store. */
export type OrderKv = Pick<KvClient, "transaction" | "get" | "range">;

/** How a write ended: as a placement, or there was one before. */
type Written =
  | Extract<Placement, { readonly kind: "placed" | "rejected" | "unknown" }>
  | { readonly kind: "taken"; readonly by: Order };

/**
 * The orders of one shard: each as itself and in its merchant's list, and under its idempotency key if
 * it has one. All are written in one transaction, so they must be of one shard.
 */
export class OrderShard {
  readonly #kv: OrderKv;

  constructor(kv: OrderKv) {
    this.#kv = kv;
  }

  /** Places a new order; under an idempotency key at most one, whatever their ids. */
  async place(order: Order, idempotencyKey?: string): Promise<Placement> {
    if (idempotencyKey !== undefined) {
      const key = idempotencyKeyOf(idempotencyKey);
      const written = await this.#write(order, key, [put(key, JSON.stringify(order))]);
      return written.kind === "taken" ? repeated(order, written.by, "key-reused") : written;
    }
    const written = await this.#write(order, orderKey(order.id), []);
    if (written.kind === "taken") throw new Error(`the new id ${order.id} is taken already`);
    return written;
  }

  /** Places an order under an id that its sender chose: at most one, and always the same. */
  async put(order: Order): Promise<Placement> {
    const written = await this.#write(order, orderKey(order.id), []);
    return written.kind === "taken" ? repeated(order, written.by, "id-taken") : written;
  }

  /** All that makes up an order, or nothing when there is something under `unique` already. */
  async #write(order: Order, unique: string, more: readonly Put[]): Promise<Written> {
    const { id, placedAt, totalCents, merchantId } = order;
    const summary: OrderSummary = { id, placedAt, totalCents };
    const outcome = await this.#kv.transaction({
      compares: [createRevision(unique, "=", 0)],
      success: [
        put(orderKey(id), JSON.stringify(order)),
        put(merchantsOrders(merchantId) + id, JSON.stringify(summary)),
        ...(order.delivery === true ? [put(waitingKey(id), "")] : []),
        ...more,
      ],
      failure: [range(unique)],
    });
    if (outcome.kind === "rejected") return outcome;
    if (outcome.kind === "unknown") return { ...outcome, id };
    const { succeeded, results } = outcome.result;
    if (succeeded) return { kind: "placed", order };
    const [found] = results[0]?.kind === "range" ? results[0].kvs : [];
    return { kind: "taken", by: parsed(found!.value) as Order };
  }

  /** @throws {KvError} `unavailable` when no leader confirmed the read in time. */
  async find(id: string): Promise<Order | undefined> {
    const found = await this.#kv.get(orderKey(id));
    return found && (parsed(found.value) as Order);
  }

  /** A merchant's orders, the newest first; with `before`, those that are older than that id. */
  async ofMerchant(merchantId: string, limit: number, before?: string): Promise<OrderPage> {
    const prefix = merchantsOrders(merchantId);
    const all = withPrefix(prefix);
    const keys = before === undefined ? all : { ...all, rangeEnd: prefix + before };
    const sort = { target: "key", order: "descending" } as const;
    const { kvs, more } = await this.#kv.range(keys, { limit, sort });
    const orders = kvs.map(({ value }) => parsed(value) as OrderSummary);
    const last = orders.at(-1);
    return more && last ? { orders, next: last.id } : { orders };
  }

  /** Every order of the shard. */
  async *all(): AsyncGenerator<StoredOrder> {
    for await (const { value, version } of scan(this.#kv, ORDERS)) {
      yield { order: parsed(value) as Order, writes: version };
    }
  }

  /** Every entry of the merchants' lists, as `MERCHANT/orders/ID`. */
  async *listed(): AsyncGenerator<string> {
    for await (const { key } of scan(this.#kv, MERCHANTS)) yield utf8(key).slice(MERCHANTS.length);
  }
}

function repeated(order: Order, earlier: Order, otherwise: "id-taken" | "key-reused"): Placement {
  if (!isDeepStrictEqual(requestOf(earlier), requestOf(order))) return { kind: otherwise };
  return { kind: "repeated", order: earlier };
}

function parsed(value: Uint8Array): unknown {
  return JSON.parse(utf8(value));
}
