import { mix32 } from "../hash/murmur3.ts";
import { type BucketAlgorithm, MAX_BUCKETS } from "./buckets.ts";
import { jump } from "./jump.ts";
import { GOLDEN } from "./rehash.ts";
import { scaled } from "./scaled.ts";

/**
 * MementoHash (Coluzzi, Brocco, Antonucci, Leidi, "MementoHash: A Stateful, Minimal Memory, Best
 * Performing Consistent Hash Algorithm", 2023): jump hashing that remembers which buckets are gone,
 * and for each one how many were left, to which its keys are spread anew.
 */
export class MementoBuckets implements BucketAlgorithm {
  readonly name = "MementoHash";
  readonly capacity: number = MAX_BUCKETS;
  readonly lastOnly = false;
  /** The paper's n: buckets in use and removed ones. */
  #size = 0;
  /** Of each removed bucket the one that took its place, which is also how many were left. */
  readonly #replacers = new Map<number, number>();
  readonly #removed: number[] = [];

  get begun(): number {
    return this.#size;
  }

  find(low: number, high: number): number {
    let bucket = jump(low, high, this.#size, "google");
    if (this.#replacers.size === 0) return bucket;
    for (
      let left = this.#replacers.get(bucket);
      left !== undefined;
      left = this.#replacers.get(bucket)
    ) {
      let next = scaled(mix32((low ^ high) + Math.imul(bucket + 1, GOLDEN)), left);
      // Of those left then, one may have gone earlier: then whichever replaced it is meant.
      for (
        let replacer = this.#replacers.get(next);
        replacer !== undefined && replacer >= left;
        replacer = this.#replacers.get(next)
      ) {
        next = replacer;
      }
      bucket = next;
    }
    return bucket;
  }

  add(): number {
    const bucket = this.#removed.pop();
    if (bucket === undefined) return this.#size++;
    this.#replacers.delete(bucket);
    return bucket;
  }

  remove(bucket: number): void {
    if (this.#removed.length === 0 && bucket === this.#size - 1) {
      this.#size--;
      return;
    }
    this.#replacers.set(bucket, this.#size - this.#removed.length - 1);
    this.#removed.push(bucket);
  }

  removed(): readonly number[] {
    return [...this.#removed];
  }

  /** About: a map's entry and an array's element each. */
  memoryBytes(): number {
    return this.#removed.length * 40;
  }
}
