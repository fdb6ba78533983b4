import type { MerchantRank } from "../ranking/merchant-rank.ts";
import { grouped, tableOf } from "./tables.ts";

/** The best merchants, and what is written of them. */
export function rankTable(merchants: readonly MerchantRank[], top: number): string {
  if (merchants.length === 0) return "nobody has reviewed anything";
  const table = tableOf(["", "merchant", "score", "stars", "reviews", "words"]);
  for (const [at, { merchantId, score, meanStars, reviews, words }] of merchants
    .slice(0, top)
    .entries()) {
    const stars = meanStars.toFixed(2);
    table.push([at + 1, merchantId, score.toFixed(2), stars, grouped(reviews), words.join(", ")]);
  }
  return table.toString();
}
