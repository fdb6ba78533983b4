import { ConsistentHashingError } from "./consistent-hashing-error.ts";
import { Membership } from "./core/membership.ts";
import type { Placement } from "./core/placement.ts";
import type { HashName, KeyHashName } from "./key-hash.ts";
import { keyHash } from "./key-hash.ts";
import type { Algorithm } from "./locator.ts";
import type { NodeSpec } from "./node.ts";
import type { LocatorParts } from "./placed-locator.ts";

/** What every set of nodes takes. */
export interface SetOptions {
  /**
   * The nodes to begin with; a string stands for a node of weight 1. Many at once cost far less
   * than `add` for each.
   *
   * @default []
   */
  readonly nodes?: readonly (string | NodeSpec)[];
}

/** What all algorithms take that hash keys to 32 bits. */
export interface HashOptions extends SetOptions {
  /**
   * How keys are hashed. MurmurHash3 is the fastest here; XXH32 is for long keys that
   * xxhash-wasm hashes for `locateHash`; FNV-1a spreads badly and is for compatibility only.
   *
   * @default "murmur3"
   */
  readonly hash?: HashName;
  /**
   * Another seed gives another placement. A whole number from 0 to 2^32-1.
   *
   * @default 0
   */
  readonly seed?: number;
}

/** @throws {ConsistentHashingError} `invalid-option` */
export function wholeNumber(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new ConsistentHashingError(
    "invalid-option",
    `${name} must be a whole number from ${least} to ${most}, not ${value}`,
  );
}

/** Puts a locator's parts together; `place` makes the placement for the members. */
export function locatorParts<P extends Placement>(
  algorithm: Algorithm,
  hash: KeyHashName,
  seed: number,
  options: Readonly<Record<string, number | string>>,
  place: (members: Membership) => P,
): LocatorParts<P> {
  const key = keyHash(hash, seed);
  const members = new Membership();
  const wide = key.wide || algorithm === "jump";
  return { algorithm, members, placement: place(members), keyHash: key, wide, options };
}

/** So that the order in which nodes are listed does not matter. */
export function sortedByName<Node extends string | NodeSpec>(nodes: readonly Node[]): Node[] {
  const nameOf = (node: string | NodeSpec): string =>
    typeof node === "string" ? node : node?.name;
  if (!Array.isArray(nodes)) return nodes as Node[];
  return (nodes as Node[]).toSorted((a, b) => {
    const [left, right] = [nameOf(a), nameOf(b)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
