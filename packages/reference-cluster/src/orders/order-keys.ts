/** An order: `orders/ID`. */
export const ORDERS = "orders/";
/** An entry of a merchant's list: `merchants/MERCHANT/orders/ID`. */
export const MERCHANTS = "merchants/";

export function orderKey(id: string): string {
  return ORDERS + id;
}

export function merchantsOrders(merchantId: string): string {
  return `${MERCHANTS}${merchantId}/orders/`;
}

/** What was placed under an idempotency key. */
export function idempotencyKeyOf(key: string): string {
  return `idempotency/${key}`;
}

/** An order that waits for a courier: `waiting/ID`. */
export const WAITING = "waiting/";
/** The newest token that any dispatch came with. */
export const DISPATCH_FENCE = "fences/dispatch";

export function waitingKey(id: string): string {
  return WAITING + id;
}

/** What the customer thinks of an order: `reviews/ID`. */
export const REVIEWS = "reviews/";

export function reviewKey(id: string): string {
  return REVIEWS + id;
}

/** Who brings an order: `deliveries/ID`. */
export const DELIVERIES = "deliveries/";

export function deliveryKey(id: string): string {
  return DELIVERIES + id;
}
