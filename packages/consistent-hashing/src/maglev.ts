import { byMultiplication, MaglevPlacement } from "./core/maglev.ts";
import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import type { Locator } from "./locator.ts";
import { checkWeight } from "./node.ts";
import { type HashOptions, locatorParts, wholeNumber } from "./options.ts";
import type { Key } from "./key.ts";
import { noNodes, PlacedLocator } from "./placed-locator.ts";

/** The largest table, as in Envoy. */
const MAX_TABLE_SIZE = 5_000_011;

export interface MaglevOptions extends HashOptions {
  /**
   * Places in the table: a prime number up to 5,000,011, better a hundred times the number of
   * nodes. More places are more even, and move fewer keys for nothing. 4 bytes a place.
   *
   * @default 65537
   */
  readonly tableSize?: number;
}

/**
 * Maglev hashing: one look into a table in which each node has as many places as its weight says,
 * to within one in a hundred. A change moves a few keys (under 1 % with the default) between nodes
 * that it does not concern. The table is built at the first lookup after a change. For load
 * balancers, whose connections outlive the few needless moves.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createMaglev(options: MaglevOptions = {}): Locator {
  const { nodes = [], hash = "murmur3", seed = 0, tableSize = 65_537 } = options;
  checkTableSize(tableSize);
  const parts = locatorParts(
    "maglev",
    hash,
    seed,
    { tableSize },
    (members) => new MaglevPlacement(members, tableSize, byMultiplication, checkWeight),
  );
  return new MaglevLocator(parts, nodes);
}

/** @throws {ConsistentHashingError} `invalid-option` */
export function checkTableSize(size: number): void {
  wholeNumber("tableSize", size, 2, MAX_TABLE_SIZE);
  for (let divisor = 2; divisor * divisor <= size; divisor++) {
    if (size % divisor === 0) {
      throw new ConsistentHashingError(
        "invalid-option",
        `tableSize must be a prime number, and ${size} is divisible by ${divisor}`,
      );
    }
  }
}

class MaglevLocator extends PlacedLocator<MaglevPlacement> {
  override locate(key: Key): string {
    if (this.count === 0) throw noNodes();
    return this.names[this.placement.find(this.low(key), 0)] as string;
  }
}
