import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { fnv1aBits } from "./hash/fnv1a.ts";
import { md5 } from "./hash/md5.ts";
import { murmur3Bits } from "./hash/murmur3.ts";
import { xxh32Bits } from "./hash/xxh32.ts";
import { xxh64Low } from "./hash/xxh64.ts";
import type { Key } from "./key.ts";

/** A function for hashing keys to 32 bits. */
export type HashName = "murmur3" | "xxh32" | "fnv1a";
/** Besides, what hashes keys where the algorithm or the compatibility asks for it. */
export type KeyHashName = HashName | "xxh64" | "md5";

/** How a set of nodes hashes its keys. */
export interface KeyHash {
  readonly name: KeyHashName;
  readonly seed: number;
  /** Whether the high half counts: then it is in `high64` after `low`. */
  readonly wide: boolean;
  /** The hash, or the low half of it, signed. */
  readonly low: (key: Key) => number;
}

const md5Words = new Uint32Array(4);

/** Each hash is a closure of its own, so that a program which uses one has it inlined. */
export function keyHash(name: KeyHashName, seed: number): KeyHash {
  if (!(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)) {
    throw new ConsistentHashingError(
      "invalid-option",
      `seed must be a whole number from 0 to 2^32-1, not ${seed}`,
    );
  }
  switch (name) {
    case "murmur3":
      return { name, seed, wide: false, low: (key) => murmur3Bits(key, seed) };
    case "xxh32":
      return { name, seed, wide: false, low: (key) => xxh32Bits(key, seed) };
    case "fnv1a":
      return { name, seed, wide: false, low: (key) => fnv1aBits(key, (0x811c9dc5 ^ seed) | 0) };
    case "xxh64":
      return { name, seed, wide: true, low: (key) => xxh64Low(key, seed, 0) };
    case "md5":
      return {
        name,
        seed,
        wide: false,
        low: (key) => {
          md5(key, md5Words);
          return (md5Words[0] as number) | 0;
        },
      };
    default:
      throw new ConsistentHashingError("invalid-option", `there is no hash named ${String(name)}`);
  }
}
