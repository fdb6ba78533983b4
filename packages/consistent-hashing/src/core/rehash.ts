import { mix32 } from "../hash/murmur3.ts";
import type { Membership } from "./membership.ts";

/** 2^32 divided by the golden ratio: successive multiples are spread evenly. */
export const GOLDEN = 0x9e3779b9;
const EXTRA_ATTEMPTS = 32;
const ATTEMPTS_A_NODE = 4;

/**
 * `Placement.visit` for an algorithm without an order of its own: the key is hashed again and
 * again, so that each place in the order moves as little at a change as the first one does. A node
 * that chance keeps missing is found by going through the names, from the key's own node on.
 */
export function visitByRehash(
  find: (low: number, high: number) => number,
  members: Membership,
  low: number,
  high: number,
  accept: (slot: number) => boolean,
): number {
  const first = find(low, high);
  if (accept(first)) return first;
  const attempts = EXTRA_ATTEMPTS + ATTEMPTS_A_NODE * members.size;
  for (let attempt = 1; attempt < attempts; attempt++) {
    const again = mix32(low + Math.imul(attempt, GOLDEN));
    const slot = find(again, high === 0 ? 0 : mix32(high ^ again));
    if (accept(slot)) return slot;
  }
  const from = members.rank(members.name(first));
  for (let step = 1; step < members.size; step++) {
    const slot = members.byName[(from + step) % members.size] as number;
    if (accept(slot)) return slot;
  }
  return -1;
}
