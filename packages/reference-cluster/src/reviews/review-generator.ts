import { integerBetween, pick, type Random, seededRandom } from "@quorate/runtime";
import type { ReviewRequest } from "./review.ts";

const WORDS: Readonly<Record<"bad" | "fair" | "good", readonly string[]>> = {
  bad: ["cold", "late", "soggy", "bland", "wrong order", "never again"],
  fair: ["okay", "a bit salty", "small portion", "as expected", "fine for lunch"],
  good: ["hot", "on time", "delicious", "generous", "friendly courier", "again soon"],
};
const MAX_PHRASES = 5;

/** Reviews without end, plausible, and the same for the same seed. */
export function* generateReviews(seed: string | number): Generator<ReviewRequest, never> {
  const random = seededRandom(seed).fork("reviews");
  for (;;) {
    const stars = integerBetween(random, 1, 5);
    const count = integerBetween(random, 1, MAX_PHRASES);
    yield { stars, text: Array.from({ length: count }, () => phrase(random, stars)).join(", ") };
  }
}

/** Now and then, one that does not go with the stars. */
function phrase(random: Random, stars: number): string {
  if (random.next() < 0.1) return pick(random, WORDS.fair);
  if (stars <= 2) return pick(random, WORDS.bad);
  return pick(random, stars === 3 ? WORDS.fair : WORDS.good);
}
