import type { OrderSummary } from "./order.ts";
import type { OrderPage } from "./order-shard.ts";

/**
 * The newest `limit` orders of the shards' pages, each of which holds the newest `limit` of its shard.
 * In the order of a shard's own pages: by id, the greatest first.
 */
export function mergePages(pages: readonly OrderPage[], limit: number): OrderPage {
  const all = pages.flatMap(({ orders }) => orders).toSorted(byIdDescending);
  const orders = all.slice(0, limit);
  const more = all.length > limit || pages.some(({ next }) => next !== undefined);
  const last = orders.at(-1);
  return more && last ? { orders, next: last.id } : { orders };
}

// Ids are ASCII, so code units are in the order of the store's bytes.
function byIdDescending(a: OrderSummary, b: OrderSummary): number {
  if (a.id === b.id) return 0;
  return a.id < b.id ? 1 : -1;
}
