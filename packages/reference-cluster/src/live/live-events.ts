import { type KeyValue, utf8 } from "@quorate/kv";
import type { Delivery } from "../dispatch/delivery-shard.ts";
import { DELIVERIES } from "../orders/order-keys.ts";
import type { Order } from "../orders/order.ts";

/** An order, as far as it is counted. */
export interface PlacedOrder {
  readonly id: string;
  readonly district: string;
  readonly placedAtMs: number;
  readonly revenueCents: number;
  readonly dishes: readonly { readonly dish: string; readonly quantity: number }[];
  /** Whether a courier brings it. */
  readonly isDelivered: boolean;
}

/** A courier was sent to an order. */
export interface SentCourier {
  readonly orderId: string;
  readonly sentAtMs: number;
}

export function placedOrder({ value }: Pick<KeyValue, "value">): PlacedOrder {
  const order = JSON.parse(utf8(value)) as Order;
  const { id, district, placedAt, totalCents, items, delivery = false } = order;
  const dishes = items.map(({ dish, quantity }) => ({ dish, quantity }));
  const placedAtMs = Date.parse(placedAt);
  return { id, district, placedAtMs, revenueCents: totalCents, dishes, isDelivered: delivery };
}

/** Undefined for one that was sent by a version that did not say when. */
export function sentCourier({ key, value }: KeyValue): SentCourier | undefined {
  const { dispatchedAt } = JSON.parse(utf8(value)) as Delivery;
  if (dispatchedAt === undefined) return undefined;
  return { orderId: utf8(key).slice(DELIVERIES.length), sentAtMs: Date.parse(dispatchedAt) };
}
