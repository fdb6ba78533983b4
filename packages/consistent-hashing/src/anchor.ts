import type { SavedBuckets } from "./bucket-history.ts";
import { AnchorBuckets } from "./core/anchor.ts";
import { BucketPlacement, MAX_BUCKETS } from "./core/buckets.ts";
import type { Locator } from "./locator.ts";
import { type HashOptions, locatorParts, sortedByName, wholeNumber } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

export interface AnchorOptions extends HashOptions {
  /**
   * The most nodes (the greatest sum of weights) that there will ever be at a time: a whole number
   * from 1 to 1,048,576; 20 bytes each. Lookups take 1 + ln(capacity / nodes) steps.
   */
  readonly capacity: number;
}

/**
 * AnchorHash: any node may leave, nothing moves needlessly, perfect balance, and lookups that do
 * not slow down with the number of nodes, for a capacity that is fixed at first. Which node has
 * which keys depends on the order of changes: processes must make the same ones in the same order,
 * or share the state (`toJSON`). Weights are whole numbers.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createAnchor(options: AnchorOptions): Locator {
  return anchorLocator(options);
}

/** `createAnchor`, or with saved buckets. */
export function anchorLocator(options: AnchorOptions, saved?: SavedBuckets): Locator {
  const { nodes = [], hash = "murmur3", seed = 0, capacity } = options;
  wholeNumber("capacity", capacity, 1, MAX_BUCKETS);
  const parts = locatorParts(
    "anchor",
    hash,
    seed,
    { capacity },
    (members) => new BucketPlacement(members, new AnchorBuckets(capacity)),
  );
  return new PlacedLocator(parts, sortedByName(nodes), saved);
}
