/** A stream of random numbers. Injected, so that a run can be repeated from its seed. */
export interface Random {
  /** The next number: at least 0, below 1, with 53 random bits. */
  next(): number;
  /**
   * A stream of its own for the part of the program that `label` names. Depends only on this
   * stream's seed and the label, not on how much was drawn from either: so a part that draws once
   * more changes nothing for the others, and forking twice by one label gives the same stream twice.
   */
  fork(label: string): Random;
}

/** A whole number from `min` to `max`, both included, all equally likely. */
export function integerBetween(random: Random, min: number, max: number): number {
  return min + Math.floor(random.next() * (max - min + 1));
}

/** One of `items`, of which there must be some; all equally likely. One draw. */
export function pick<T>(random: Random, items: readonly T[]): T {
  return items[integerBetween(random, 0, items.length - 1)]!;
}

/** A copy in an order of its own, all equally likely (Fisher and Yates). */
export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items];
  for (let at = order.length - 1; at > 0; at--) {
    const other = integerBetween(random, 0, at);
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return order;
}
