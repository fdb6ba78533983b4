import { createRing, type Locator } from "@quorate/consistent-hashing";

/** So many that the shards' shares deviate by some 3 %; 13 bytes each. */
const POINTS_PER_SHARD = 1_024;

/**
 * Which shard has which order, by its id, for a new cluster. Kept with the cluster's settings, so that
 * it stays the same whatever a later version would found (docs/decisions/0045).
 */
export function foundRing(shards: number): Locator {
  const nodes = Array.from({ length: shards }, (_, at) => `shard-${at + 1}`);
  return createRing({ nodes, pointsPerWeight: POINTS_PER_SHARD });
}

/** In the order of their numbers. */
export function shardNames(ring: Pick<Locator, "nodes">): string[] {
  const byNumber = new Intl.Collator("en", { numeric: true });
  return ring
    .nodes()
    .map(({ name }) => name)
    .toSorted(byNumber.compare);
}
