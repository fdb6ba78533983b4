import { integerBetween, type Random } from "@quorate/runtime";

/** A copy in an order drawn from `random` (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = integerBetween(random, 0, at);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
