import { RingPlacement } from "./core/ring.ts";
import type { Locator } from "./locator.ts";
import { type HashOptions, locatorParts, wholeNumber } from "./options.ts";
import type { Key } from "./key.ts";
import { noNodes, PlacedLocator } from "./placed-locator.ts";

const MAX_POINTS_PER_WEIGHT = 65_536;

export interface RingOptions extends HashOptions {
  /**
   * Virtual points of a node of weight 1; a node of weight w has w times as many, rounded. The
   * shares' standard deviation is about 1/√points: 8 % at 160. A whole number from 1 to 65,536; 8
   * to 13 bytes a point.
   *
   * @default 160
   */
  readonly pointsPerWeight?: number;
}

/**
 * A hash ring with virtual points and an index to them: any node may leave, replicas are the next
 * nodes around the ring, and what moves at a change are ranges that `plan` lists. Lookup O(1);
 * joining and leaving O(points of all). A node takes keys from others only as it joins, and gives
 * up only its own as it leaves.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createRing(options: RingOptions = {}): Locator {
  const { nodes = [], hash = "murmur3", seed = 0, pointsPerWeight = 160 } = options;
  wholeNumber("pointsPerWeight", pointsPerWeight, 1, MAX_POINTS_PER_WEIGHT);
  const parts = locatorParts(
    "ring",
    hash,
    seed,
    { pointsPerWeight },
    (members) => new RingPlacement(members, pointsPerWeight, seed),
  );
  return new RingLocator(parts, nodes);
}

class RingLocator extends PlacedLocator<RingPlacement> {
  override locate(key: Key): string {
    if (this.count === 0) throw noNodes();
    return this.names[this.placement.find(this.low(key))] as string;
  }
}
