import { integerBetween, type Random } from "@quorate/runtime";

/**
 * Who a node is in this life: made durable at each start, before its first ballot and its first vote.
 */
export interface Identity {
  readonly node: string;
  /**
   * Drawn when the node's data was made, and written with all of it: data of another birth is not this
   * node's.
   */
  readonly birth: number;
  /** One more than in the life before; the first is its birth. Makes a node's ballots its own. */
  readonly incarnation: number;
  /**
   * Whether it may accept. A node that finds its data gone may not: it could break promises that it
   * no longer knows of. It can still propose and learn.
   */
  readonly votes: boolean;
}

/** Leaves room above for 2^52 starts. */
const LARGEST_BIRTH = 2 ** 52;

/** The next life of a node whose data has `last`. */
export function reborn(last: Identity): Identity {
  return { ...last, incarnation: last.incarnation + 1 };
}

/**
 * The first life of a node without data. `isBootstrap` says that it never had any: only then does it
 * vote. Births are drawn from so many numbers that a node which lost its data reuses no ballot either.
 */
export function born(node: string, isBootstrap: boolean, random: Random): Identity {
  const birth = integerBetween(random, 1, LARGEST_BIRTH);
  return { node, birth, incarnation: birth, votes: isBootstrap };
}
