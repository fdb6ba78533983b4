import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { type KetamaClient, KetamaPlacement } from "./core/ketama.ts";
import type { Locator } from "./locator.ts";
import { locatorParts, type SetOptions } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

export interface KetamaOptions extends SetOptions {
  /**
   * Whose keys must be found.
   *
   * - `libmemcached`: of `MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED`, also under PHP's, Python's and
   *   Ruby's clients. A name is `host:port`, and the port 11211 is left out before hashing.
   * - `libketama`: Last.fm's original. A name is hashed as it is given.
   *
   * They also round weights differently.
   *
   * @default "libmemcached"
   */
  readonly client?: KetamaClient;
}

/**
 * The ring of memcached's clients, bit by bit, so that they and this one find each other's keys.
 * Weights are whole numbers. A node's points depend on all weights, so that a change may move keys
 * for nothing; without clients to match, take `createRing`.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createKetama(options: KetamaOptions = {}): Locator {
  const { nodes = [], client = "libmemcached" } = options;
  if (client !== "libketama" && client !== "libmemcached") {
    throw new ConsistentHashingError(
      "invalid-option",
      `client must be "libketama" or "libmemcached", not ${String(client)}`,
    );
  }
  const parts = locatorParts(
    "ketama",
    "md5",
    0,
    { client },
    (members) => new KetamaPlacement(members, client),
  );
  return new PlacedLocator(parts, nodes);
}
