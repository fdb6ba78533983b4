/** What a customer asks for. */
export interface OrderRequest {
  readonly merchantId: string;
  readonly customerId: string;
  readonly district: string;
  readonly items: readonly OrderItem[];
  /** Whether a courier brings it; else it is fetched. */
  readonly delivery?: boolean;
  /** The caller's own name for the order; kept as it is. */
  readonly reference?: string;
}

export interface OrderItem {
  readonly dish: string;
  readonly quantity: number;
  readonly priceCents: number;
}

/** An order that was placed. */
export interface Order extends OrderRequest {
  /** Given by the gateway; sorts by the time of placing. */
  readonly id: string;
  readonly totalCents: number;
  /** ISO 8601, UTC. */
  readonly placedAt: string;
}

/** What a merchant's list shows of an order. */
export interface OrderSummary {
  readonly id: string;
  readonly placedAt: string;
  readonly totalCents: number;
}

export function newOrder(id: string, placedAtMs: number, request: OrderRequest): Order {
  const totalCents = request.items.reduce((sum, item) => sum + item.quantity * item.priceCents, 0);
  return { id, placedAt: new Date(placedAtMs).toISOString(), totalCents, ...request };
}

/** What the customer asked for. */
export function requestOf(order: Order): OrderRequest {
  const { id: _, totalCents: __, placedAt: ___, ...request } = order;
  return request;
}
