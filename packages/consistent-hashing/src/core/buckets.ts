import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { checkWholeWeight } from "../node.ts";
import type { Membership } from "./membership.ts";
import type { BucketHistory, Placement } from "./placement.ts";
import { visitByRehash } from "./rehash.ts";

/** The most buckets that nodes can have together: a table of 4 MiB. */
export const MAX_BUCKETS: number = 2 ** 20;

/** An algorithm over numbered buckets. */
export interface BucketAlgorithm {
  /** For messages. */
  readonly name: string;
  /** The most buckets there can be. */
  readonly capacity: number;
  /** Whether only the bucket that was added last can be removed. */
  readonly lastOnly: boolean;
  find(low: number, high: number): number;
  /** Brings back the bucket removed last or, when there is none, begins the next; returns it. */
  add(): number;
  remove(bucket: number): void;
  /** How many buckets have been begun: those in use, and removed ones that are still known. */
  readonly begun: number;
  /** The removed ones of them, the earliest first. */
  removed(): readonly number[];
  memoryBytes(): number;
}

/**
 * Nodes on an algorithm that only knows buckets: a node has as many as its weight says. Which ones
 * depends on the order of joining and leaving.
 */
export class BucketPlacement implements Placement {
  readonly #members: Membership;
  readonly #algorithm: BucketAlgorithm;
  /** In ascending order, and taken from the end: so what is taken depends on the history alone. */
  readonly #bucketsOf: number[][] = [];
  readonly #find: (low: number, high: number) => number;
  /** The slot of each bucket begun so far; -1 of a removed one. */
  #owners = new Int32Array(16);
  #inUse = 0;

  constructor(members: Membership, algorithm: BucketAlgorithm) {
    this.#members = members;
    this.#algorithm = algorithm;
    this.#find = (low, high) => this.find(low, high);
  }

  find(low: number, high: number): number {
    return this.#owners[this.#algorithm.find(low, high)] as number;
  }

  visit(low: number, high: number, accept: (slot: number) => boolean): number {
    return visitByRehash(this.#find, this.#members, low, high, accept);
  }

  checkWeights(weights: readonly number[], freed: number): void {
    const { name, capacity } = this.#algorithm;
    for (const weight of weights) checkWholeWeight(weight, name, capacity);
    const buckets = this.#inUse + weights.reduce((sum, weight) => sum + weight, 0) - freed;
    if (buckets <= capacity) return;
    throw new ConsistentHashingError(
      "full",
      `${name} has a capacity of ${capacity} (the sum of all weights), not ${buckets}`,
    );
  }

  add(slots: readonly number[]): void {
    for (const slot of slots) {
      this.#bucketsOf[slot] = [];
      this.#extend(slot, this.#members.weight(slot));
    }
  }

  checkShrink(slot: number, fewer: number): void {
    if (!this.#algorithm.lastOnly) return;
    const last = this.#bucketsOf[slot]?.at(-fewer);
    if (last === this.#algorithm.begun - fewer) return;
    throw new ConsistentHashingError(
      "not-last",
      `${this.#algorithm.name} can only take from the node that was added last`,
    );
  }

  remove(slot: number): void {
    this.#shrink(slot, this.#members.weight(slot));
  }

  reweigh(slot: number, before: number): void {
    const more = this.#members.weight(slot) - before;
    if (more > 0) this.#extend(slot, more);
    else this.#shrink(slot, -more);
  }

  memoryBytes(): number {
    return this.#owners.byteLength + this.#algorithm.memoryBytes();
  }

  history(): BucketHistory {
    const buckets = Array.from(this.#owners.subarray(0, this.#algorithm.begun), (slot) =>
      slot < 0 ? null : slot,
    );
    return { buckets, removed: this.#algorithm.removed() };
  }

  /** Takes over what `history` gave, of a set with the same nodes, in place of `add`. */
  restore({ buckets, removed }: BucketHistory): void {
    for (const slot of this.#members.byName) this.#bucketsOf[slot] = [];
    for (const slot of buckets) {
      const bucket = this.#algorithm.add();
      this.#own(bucket, slot ?? -1);
      if (slot !== null) this.#bucketsOf[slot]?.push(bucket);
    }
    for (const bucket of removed) this.#algorithm.remove(bucket);
    this.#inUse = buckets.length - removed.length;
  }

  #extend(slot: number, more: number): void {
    for (let added = 0; added < more; added++) {
      const bucket = this.#algorithm.add();
      this.#own(bucket, slot);
      this.#bucketsOf[slot]?.push(bucket);
    }
    this.#bucketsOf[slot]?.sort((a, b) => a - b);
    this.#inUse += more;
  }

  #own(bucket: number, slot: number): void {
    if (bucket >= this.#owners.length) {
      const owners = new Int32Array(2 * bucket);
      owners.set(this.#owners);
      this.#owners = owners;
    }
    this.#owners[bucket] = slot;
  }

  #shrink(slot: number, fewer: number): void {
    for (let removed = 0; removed < fewer; removed++) {
      const bucket = this.#bucketsOf[slot]?.pop() as number;
      this.#algorithm.remove(bucket);
      this.#owners[bucket] = -1;
    }
    this.#inUse -= fewer;
  }
}
