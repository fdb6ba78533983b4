import type { SavedBuckets } from "./bucket-history.ts";
import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { BucketPlacement } from "./core/buckets.ts";
import { jump, type JumpRounding } from "./core/jump.ts";
import { JumpBuckets } from "./core/jump-buckets.ts";
import type { HashName } from "./key-hash.ts";
import type { Locator } from "./locator.ts";
import { locatorParts, type SetOptions, wholeNumber } from "./options.ts";
import { PlacedLocator } from "./placed-locator.ts";

const MAX_JUMP_BUCKETS = 2 ** 31 - 1;

export interface JumpOptions extends SetOptions {
  /**
   * How keys are hashed; one of 32 bits is the low half of jump's 64-bit key, as with Guava.
   *
   * @default "murmur3"
   */
  readonly hash?: HashName | "xxh64";
  /**
   * A whole number from 0 to 2^32-1.
   *
   * @default 0
   */
  readonly seed?: number;
  /**
   * Whose arithmetic: they differ for about one key in 2^31.
   *
   * @default "google"
   */
  readonly rounding?: JumpRounding;
}

/**
 * Jump consistent hash: nodes are numbered in the order of joining (the one in which `nodes` lists
 * them), and only the one added last can leave. Lookup O(ln nodes), no memory, perfect balance and
 * minimal moves. For numbered shards. With MurmurHash3, seed 0 and Guava's rounding it is Guava's
 * `consistentHash(murmur3_32_fixed().hashString(key, UTF_8), n)`.
 *
 * @throws {ConsistentHashingError} `invalid-option`, `invalid-node`, `invalid-weight`,
 * `duplicate-node`, `full`
 */
export function createJump(options: JumpOptions = {}): Locator {
  return jumpLocator(options);
}

/** `createJump`, or with saved buckets. */
export function jumpLocator(options: JumpOptions, saved?: SavedBuckets): Locator {
  const { nodes = [], hash = "murmur3", seed = 0, rounding = "google" } = options;
  checkRounding(rounding);
  const parts = locatorParts(
    "jump",
    hash,
    seed,
    { rounding },
    (members) => new BucketPlacement(members, new JumpBuckets(rounding)),
  );
  return new PlacedLocator(parts, nodes, saved);
}

/**
 * The bare function: the bucket, from 0 to `buckets - 1`, of a 64-bit key (taken modulo 2^64, so
 * also a signed one). `buckets` is 1 to 2^31-1. The same as Google's C++ program or, with
 * `rounding` "guava", as Guava's `Hashing.consistentHash(long, int)`, bit by bit.
 *
 * @throws {ConsistentHashingError} `invalid-option`
 */
export function jumpHash(
  key: bigint | number,
  buckets: number,
  rounding: JumpRounding = "google",
): number {
  wholeNumber("buckets", buckets, 1, MAX_JUMP_BUCKETS);
  checkRounding(rounding);
  if (typeof key === "number") {
    wholeNumber("key", key, -Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    return jump(key | 0, Math.floor(key / 2 ** 32) | 0, buckets, rounding);
  }
  const low = Number(BigInt.asIntN(32, key));
  return jump(low, Number(BigInt.asIntN(32, key >> 32n)), buckets, rounding);
}

function checkRounding(rounding: JumpRounding): void {
  if (rounding === "google" || rounding === "guava") return;
  throw new ConsistentHashingError(
    "invalid-option",
    `rounding must be "google" or "guava", not ${String(rounding)}`,
  );
}
