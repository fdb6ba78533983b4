import type { Aggregate } from "@quorate/stream";
import type { PlacedOrder } from "./live-events.ts";

/** How many of a dish were ordered. */
export interface DishCount {
  readonly dish: string;
  readonly quantity: number;
}

const TOP = 5;
/** Of one window; what merchants call their dishes is up to them. Those that come beyond are not counted. */
export const MAX_DISHES = 10_000;

/** The dishes that are ordered most, the most first; equals by their names. */
export const topDishes: Aggregate<PlacedOrder, Map<string, number>, readonly DishCount[]> = {
  create: () => new Map(),
  add: (counts, { dishes }) => {
    for (const { dish, quantity } of dishes) {
      const before = counts.get(dish);
      if (before !== undefined || counts.size < MAX_DISHES) {
        counts.set(dish, (before ?? 0) + quantity);
      }
    }
    return counts;
  },
  result: (counts) =>
    [...counts]
      .map(([dish, quantity]) => ({ dish, quantity }))
      .toSorted((a, b) => b.quantity - a.quantity || (a.dish < b.dish ? -1 : 1))
      .slice(0, TOP),
};
