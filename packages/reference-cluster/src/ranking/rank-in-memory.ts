import type { Review } from "../reviews/review.ts";
import {
  added,
  type MerchantRank,
  ranked,
  rankOf,
  type ReviewTotals,
  totalsOf,
} from "./merchant-rank.ts";

/** What the job computes, in one go: the result that it is held to. */
export async function rankInMemory(reviews: AsyncIterable<Review>): Promise<MerchantRank[]> {
  const merchants = new Map<string, ReviewTotals>();
  for await (const review of reviews) {
    const before = merchants.get(review.merchantId);
    const own = totalsOf(review);
    merchants.set(review.merchantId, before ? added(before, own) : own);
  }
  return ranked([...merchants].map(([merchantId, totals]) => rankOf(merchantId, totals)));
}
