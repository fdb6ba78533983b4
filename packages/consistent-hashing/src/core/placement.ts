/**
 * An algorithm: from a key's hash to a slot. It knows nodes by their slots and what the set's
 * `Membership` says of them. A hash is two signed 32-bit halves; where keys are hashed to 32 bits,
 * `high` is 0.
 */
export interface Placement {
  /** The slot that has the key. The set is not empty. Allocates nothing. */
  find(low: number, high: number): number;
  /**
   * Offers slots in the order in which the key prefers them, `find`'s first, until one is accepted;
   * may offer a slot again. Every slot is offered at last. -1 when none was accepted.
   */
  visit(low: number, high: number, accept: (slot: number) => boolean): number;
  /**
   * There must be room for nodes of these weights, once a node of weight `freed` is gone (0: none).
   *
   * @throws {ConsistentHashingError} `invalid-weight`, `full`
   */
  checkWeights(weights: readonly number[], freed: number): void;
  /** Slots joined; of many at once, the order is the one in which they were given. */
  add(slots: readonly number[]): void;
  /** A slot is about to leave: its node can still be looked up. */
  remove(slot: number): void;
  /**
   * The algorithm must be able to take this much of its weight from a slot, or all.
   *
   * @throws {ConsistentHashingError} `not-last`
   */
  checkShrink?(slot: number, fewer: number): void;
  /** The weight of a slot is now another. */
  reweigh(slot: number, before: number): void;
  /** Bytes of the tables that lookups use. */
  memoryBytes(): number;
  /** The hash space in order, where a node has whole ranges of it. */
  segments?(): Segments | undefined;
  /** What lookups depend on besides the set of nodes, where there is such. */
  history?(): BucketHistory;
  /** In place of the first `add`: takes over a history of a set with the same nodes. */
  restore?(history: BucketHistory): void;
  /** The slots in the order of joining, where lookups can depend on it. */
  joined?(): readonly number[];
}

/**
 * The space of 32-bit hashes cut into ranges: range `i` goes from `starts[i]` up to `starts[i + 1]`
 * (the last one to 2^32) and belongs to `slots[i]`. `starts[0]` is 0.
 */
export interface Segments {
  readonly starts: Float64Array;
  readonly slots: Int32Array;
}

/** Which node has which bucket, and which buckets were given up, the earliest first. */
export interface BucketHistory {
  readonly buckets: readonly (number | null)[];
  readonly removed: readonly number[];
}
