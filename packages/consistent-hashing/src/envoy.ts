import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { EnvoyRingPlacement } from "./core/envoy-ring.ts";
import { byRemainder, MaglevPlacement } from "./core/maglev.ts";
import type { Locator } from "./locator.ts";
import { checkTableSize } from "./maglev.ts";
import { checkWholeWeight } from "./node.ts";
import { locatorParts, type SetOptions, wholeNumber } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

/** Envoy's own limit on both ring sizes. */
const MAX_RING_SIZE = 8_388_608;

export interface EnvoyRingOptions extends SetOptions {
  /**
   * Envoy's `minimum_ring_size`: 1 to 8,388,608.
   *
   * @default 1024
   */
  readonly minimumRingSize?: number;
  /**
   * Envoy's `maximum_ring_size`: `minimumRingSize` to 8,388,608.
   *
   * @default 8388608
   */
  readonly maximumRingSize?: number;
}

/**
 * Envoy's ring hash (`ring_hash`, hash function XX_HASH), bit by bit. A name is what Envoy hashes
 * of a host: its address (`10.0.0.1:80`), its hostname, or its `hash_key`; list the hosts in
 * Envoy's order. `locate` hashes a key as Envoy hashes a header; `locateHash` takes Envoy's 64-bit
 * hash.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createEnvoyRing(options: EnvoyRingOptions = {}): Locator {
  const { nodes = [], minimumRingSize = 1_024, maximumRingSize = MAX_RING_SIZE } = options;
  wholeNumber("minimumRingSize", minimumRingSize, 1, MAX_RING_SIZE);
  wholeNumber("maximumRingSize", maximumRingSize, 1, MAX_RING_SIZE);
  if (minimumRingSize > maximumRingSize) {
    throw new ConsistentHashingError(
      "invalid-option",
      `minimumRingSize (${minimumRingSize}) is above maximumRingSize (${maximumRingSize})`,
    );
  }
  const parts = locatorParts(
    "envoy-ring",
    "xxh64",
    0,
    { minimumRingSize, maximumRingSize },
    (members) => new EnvoyRingPlacement(members, minimumRingSize, maximumRingSize),
  );
  return new PlacedLocator(parts, nodes);
}

export interface EnvoyMaglevOptions extends SetOptions {
  /**
   * Envoy's `table_size`: a prime number up to 5,000,011.
   *
   * @default 65537
   */
  readonly tableSize?: number;
}

/**
 * Envoy's Maglev, bit by bit; names and hashes as with `createEnvoyRing`, in any order. Without an
 * Envoy to match, `createMaglev` is faster, and its moves are ranges.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createEnvoyMaglev(options: EnvoyMaglevOptions = {}): Locator {
  const { nodes = [], tableSize = 65_537 } = options;
  checkTableSize(tableSize);
  const checkNode = (weight: number): void => checkWholeWeight(weight, "Envoy's Maglev");
  const parts = locatorParts(
    "envoy-maglev",
    "xxh64",
    0,
    { tableSize },
    (members) => new MaglevPlacement(members, tableSize, byRemainder, checkNode),
  );
  return new PlacedLocator(parts, nodes);
}
