import { put, utf8 } from "@quorate/kv";
import { orderKey, reviewKey, REVIEWS } from "../orders/order-keys.ts";
import type { OrderKv } from "../orders/order-shard.ts";
import type { Order } from "../orders/order.ts";
import { scan } from "../orders/scan.ts";
import type { Review, Reviewed, ReviewRequest } from "./review.ts";

/** What is needed of a shard's store. */
export type ReviewKv = Pick<OrderKv, "get" | "range" | "transaction">;

/** The reviews of one shard's orders, one of each at most. */
export class ReviewShard {
  readonly #kv: ReviewKv;

  constructor(kv: ReviewKv) {
    this.#kv = kv;
  }

  /** Orders are never changed or removed, so what is read of one still holds when its review is written. */
  async put(orderId: string, request: ReviewRequest): Promise<Reviewed> {
    const found = await this.#kv.get(orderKey(orderId));
    if (!found) return { kind: "no-order" };
    const { merchantId } = JSON.parse(utf8(found.value)) as Order;
    const review: Review = { orderId, merchantId, ...request };
    const write = put(reviewKey(orderId), JSON.stringify(review));
    const outcome = await this.#kv.transaction({ compares: [], success: [write], failure: [] });
    return outcome.kind === "committed" ? { kind: "reviewed", review } : outcome;
  }

  /** @throws {KvError} `unavailable`. */
  async find(orderId: string): Promise<Review | undefined> {
    const found = await this.#kv.get(reviewKey(orderId));
    return found && (JSON.parse(utf8(found.value)) as Review);
  }

  /** Every review of the shard. @throws {KvError} `unavailable`. */
  async *all(): AsyncGenerator<Review> {
    for await (const { value } of scan(this.#kv, REVIEWS)) yield JSON.parse(utf8(value)) as Review;
  }
}
