import type { Aggregate } from "@quorate/stream";
import type { PlacedOrder } from "./live-events.ts";

/** What orders come to. */
export interface Sales {
  readonly orders: number;
  readonly revenueCents: number;
}

export const NO_SALES: Sales = { orders: 0, revenueCents: 0 };

export function addedSales(one: Sales, other: Sales): Sales {
  return {
    orders: one.orders + other.orders,
    revenueCents: one.revenueCents + other.revenueCents,
  };
}

export const sales: Aggregate<PlacedOrder, Sales, Sales> = {
  create: () => NO_SALES,
  add: (before, { revenueCents }) => addedSales(before, { orders: 1, revenueCents }),
  result: (total) => total,
};
