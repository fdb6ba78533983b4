import type { Key } from "./key.ts";
import type { NodeInfo, NodeSpec } from "./node.ts";
import type { LocatorState } from "./state.ts";

/** The algorithms, and the programs that two of them can imitate bit by bit. */
export type Algorithm =
  | "ring"
  | "rendezvous"
  | "jump"
  | "maglev"
  | "multi-probe"
  | "anchor"
  | "memento"
  | "ketama"
  | "envoy-ring"
  | "envoy-maglev";

export interface LocateAllOptions {
  /**
   * Of nodes for which this is equal (by `===`), only the first is taken: `(node) => node.zone` for
   * replicas in distinct zones.
   */
  readonly distinctBy?: (node: NodeInfo) => unknown;
}

/**
 * A set of nodes, and which of them holds which key. Synchronous; `locate` allocates
 * nothing. Whatever throws has changed nothing.
 */
export interface Locator {
  readonly algorithm: Algorithm;
  /** How many nodes there are. */
  readonly size: number;
  /** Goes up with every change of the set: to know that something computed from it is stale. */
  readonly version: number;

  /**
   * The name of the node that holds `key`.
   *
   * @throws {ConsistentHashingError} `no-nodes`, `invalid-key`
   */
  locate(key: Key): string;
  /**
   * Up to `count` different nodes in the order in which the key prefers them; `locate`'s is the
   * first. Fewer when there are not so many, or not so many distinct by `distinctBy`. Empty when
   * the set is.
   *
   * @throws {ConsistentHashingError} `invalid-key`; `invalid-option` when count is not whole from 0
   */
  locateAll(key: Key, count: number, options?: LocateAllOptions): string[];
  /**
   * The first node in the order of preference that `accept` takes: the first healthy one, or one
   * with room. `accept` may be asked of a node more than once, and is asked of each at last. Its
   * `index` is a small integer that is the node's own as long as it is a member. Undefined when
   * none is taken.
   *
   * @throws {ConsistentHashingError} `invalid-key`
   */
  locateWhere(key: Key, accept: (name: string, index: number) => boolean): string | undefined;
  /**
   * What `locate` does, for a key that was hashed already: 32 bits (0 to 2^32-1), or 64 (a bigint
   * up to 2^64-1) with jump hashing and Envoy's two.
   *
   * @throws {ConsistentHashingError} `no-nodes`, `invalid-option`
   */
  locateHash(hash: number | bigint): string;
  /**
   * The hash of a key as this set places it, a bigint where it has 64 bits. The ranges of a `plan`
   * are ranges of it.
   *
   * @throws {ConsistentHashingError} `invalid-key`
   */
  hashOf(key: Key): number | bigint;

  /** @throws {ConsistentHashingError} `duplicate-node`, `invalid-node`, `invalid-weight`, `full` */
  add(node: string | NodeSpec): void;
  /** @throws {ConsistentHashingError} `unknown-node`; `not-last` with jump hashing */
  remove(name: string): void;
  /** @throws {ConsistentHashingError} `unknown-node`, `invalid-weight`, `full`, `not-last` */
  setWeight(name: string, weight: number): void;
  has(name: string): boolean;
  /** All nodes, sorted by name (UTF-16 code units). */
  nodes(): readonly NodeInfo[];
  /**
   * The share of all hashes that each node has, 0 to 1, by name; exact where nodes have ranges of
   * hashes (ring, Maglev, ketama), else counted over 65,536 hashes.
   */
  shares(): ReadonlyMap<string, number>;
  /** Bytes of the tables that lookups use; names are not counted. */
  memoryBytes(): number;
  /** The state as plain data, the same for the same set; `fromJSON` brings it back. */
  toJSON(): LocatorState;
}
