import type { Review } from "../reviews/review.ts";

/** What reviews of one merchant come to, in any grouping and order. */
export interface ReviewTotals {
  readonly reviews: number;
  readonly stars: number;
  /** How often each word was written. */
  readonly words: Readonly<Record<string, number>>;
}

/** A merchant's place among others. */
export interface MerchantRank {
  readonly merchantId: string;
  readonly reviews: number;
  readonly meanStars: number;
  /** The mean, as if there were a few middling reviews more: one enthusiast does not make a winner. */
  readonly score: number;
  /** What is written most, the most frequent first. */
  readonly words: readonly string[];
}

const PRIOR_REVIEWS = 5;
const PRIOR_STARS = 3;
const TOP_WORDS = 5;

export function totalsOf({ stars, text }: Review): ReviewTotals {
  const words = new Map<string, number>();
  for (const [word] of text.toLowerCase().matchAll(/\p{L}+/gu)) {
    words.set(word, (words.get(word) ?? 0) + 1);
  }
  return { reviews: 1, stars, words: Object.fromEntries(words) };
}

export function added(left: ReviewTotals, right: ReviewTotals): ReviewTotals {
  const words = new Map(Object.entries(left.words));
  for (const [word, count] of Object.entries(right.words)) {
    words.set(word, (words.get(word) ?? 0) + count);
  }
  return {
    reviews: left.reviews + right.reviews,
    stars: left.stars + right.stars,
    words: Object.fromEntries(words),
  };
}

export function rankOf(merchantId: string, { reviews, stars, words }: ReviewTotals): MerchantRank {
  const byCount = Object.entries(words).toSorted(
    ([left, often], [right, seldom]) => seldom - often || (left < right ? -1 : 1),
  );
  return {
    merchantId,
    reviews,
    meanStars: stars / reviews,
    score: (stars + PRIOR_REVIEWS * PRIOR_STARS) / (reviews + PRIOR_REVIEWS),
    words: byCount.slice(0, TOP_WORDS).map(([word]) => word),
  };
}

/** The best first; equals by their ids. */
export function ranked(ranks: readonly MerchantRank[]): MerchantRank[] {
  return ranks.toSorted(
    (left, right) => right.score - left.score || (left.merchantId < right.merchantId ? -1 : 1),
  );
}
