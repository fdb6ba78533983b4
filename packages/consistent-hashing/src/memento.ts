import type { SavedBuckets } from "./bucket-history.ts";
import { BucketPlacement } from "./core/buckets.ts";
import { MementoBuckets } from "./core/memento.ts";
import type { Locator } from "./locator.ts";
import { type HashOptions, locatorParts, sortedByName } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

export type MementoOptions = HashOptions;

/**
 * MementoHash: jump hashing that any node may leave. Lookup O(ln nodes) and a little more for those
 * removed, memory for those removed only, perfect balance, nothing moves needlessly. Which node has
 * which keys depends on the order of changes: processes must make the same ones in the same order,
 * or share the state (`toJSON`). Weights are whole numbers.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createMemento(options: MementoOptions = {}): Locator {
  return mementoLocator(options);
}

/** `createMemento`, or with saved buckets. */
export function mementoLocator(options: MementoOptions, saved?: SavedBuckets): Locator {
  const { nodes = [], hash = "murmur3", seed = 0 } = options;
  const parts = locatorParts(
    "memento",
    hash,
    seed,
    {},
    (members) => new BucketPlacement(members, new MementoBuckets()),
  );
  return new PlacedLocator(parts, sortedByName(nodes), saved);
}
