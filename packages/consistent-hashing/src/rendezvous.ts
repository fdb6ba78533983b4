import { RendezvousPlacement } from "./core/rendezvous.ts";
import type { Locator } from "./locator.ts";
import { type HashOptions, locatorParts } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

export type RendezvousOptions = HashOptions;

/**
 * Rendezvous hashing (highest random weight): every node draws a number for the key, the best draw
 * has it. Lookup O(nodes), 20 bytes a node, exact shares with any weights, and the next best draws
 * are the ideal replicas. For up to some dozens of nodes.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createRendezvous(options: RendezvousOptions = {}): Locator {
  const { nodes = [], hash = "murmur3", seed = 0 } = options;
  const parts = locatorParts(
    "rendezvous",
    hash,
    seed,
    {},
    (members) => new RendezvousPlacement(members, seed),
  );
  return new PlacedLocator(parts, nodes);
}
