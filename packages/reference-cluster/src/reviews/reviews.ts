import type { Locator } from "@quorate/consistent-hashing";
import { type ReviewKv, ReviewShard } from "./review-shard.ts";
import type { Review, Reviewed, ReviewRequest } from "./review.ts";

/** All reviews, each in the shard of its order. */
export class Reviews {
  readonly #ring: Pick<Locator, "locate">;
  readonly #shards: ReadonlyMap<string, ReviewShard>;

  /** @param stores of each shard of the ring, by its name */
  constructor(ring: Pick<Locator, "locate">, stores: ReadonlyMap<string, ReviewKv>) {
    this.#ring = ring;
    this.#shards = new Map([...stores].map(([name, kv]) => [name, new ReviewShard(kv)]));
  }

  /** Reviews an order; what it was reviewed with before is gone. @throws {KvError} `unavailable`. */
  put(orderId: string, request: ReviewRequest): Promise<Reviewed> {
    return this.#shard(orderId).put(orderId, request);
  }

  /** @throws {KvError} `unavailable`. */
  find(orderId: string): Promise<Review | undefined> {
    return this.#shard(orderId).find(orderId);
  }

  /** Every review there is, shard by shard. @throws {KvError} `unavailable`. */
  async *all(): AsyncGenerator<Review> {
    for (const shard of this.#shards.values()) yield* shard.all();
  }

  #shard(orderId: string): ReviewShard {
    return this.#shards.get(this.#ring.locate(orderId))!;
  }
}
