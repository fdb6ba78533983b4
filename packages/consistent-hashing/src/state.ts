import type { KeyHashName } from "./key-hash.ts";
import type { Algorithm } from "./locator.ts";
import type { NodeInfo } from "./node.ts";

/** Goes up when a state of an earlier version would no longer be understood. */
export const STATE_VERSION = 1;

/**
 * A set of nodes as plain data. Sorted by name, except with jump hashing, ketama and Envoy's ring,
 * whose order of joining counts.
 */
export interface LocatorState {
  readonly format: "quorate-consistent-hashing";
  readonly version: number;
  readonly algorithm: Algorithm;
  readonly hash: KeyHashName;
  readonly seed: number;
  /** The algorithm's own options, every default filled in. */
  readonly options: Readonly<Record<string, number | string>>;
  readonly nodes: readonly NodeInfo[];
  /** With jump, AnchorHash and MementoHash: which node has which bucket, and what was removed. */
  readonly buckets?: readonly (string | null)[];
  readonly removed?: readonly number[];
}
