import { mix32 } from "../hash/murmur3.ts";
import type { BucketAlgorithm } from "./buckets.ts";
import { GOLDEN } from "./rehash.ts";
import { scaled } from "./scaled.ts";

/**
 * AnchorHash (Mendelson, Vargaftik, Barabash, Lorenz, Keslassy, Orda, "AnchorHash: A Scalable
 * Consistent Hash", IEEE/ACM ToN 2020), algorithms 3 and 4: buckets that are not in use count as
 * removed from a set of fixed capacity. The arrays' names are the paper's.
 */
export class AnchorBuckets implements BucketAlgorithm {
  readonly name = "AnchorHash";
  readonly capacity: number;
  readonly lastOnly = false;
  /** A: of a removed bucket, how many were left after its removal; 0 of one in use. */
  readonly #left: Int32Array;
  /** K: of a removed bucket, its successor. */
  readonly #successor: Int32Array;
  /** W: the buckets in use, in the first N places; L: at which place a bucket is. */
  readonly #inUse: Int32Array;
  readonly #place: Int32Array;
  /** R: the removed ones; those never in use are at the bottom. */
  readonly #stack: Int32Array;
  #stacked: number;
  /** The buckets that were ever in use are those below. */
  #begun = 0;

  constructor(capacity: number) {
    this.capacity = capacity;
    this.#left = Int32Array.from({ length: capacity }, (_, bucket) => bucket);
    this.#successor = Int32Array.from(this.#left);
    this.#inUse = Int32Array.from(this.#left);
    this.#place = Int32Array.from(this.#left);
    this.#stack = Int32Array.from(this.#left).toReversed();
    this.#stacked = capacity;
  }

  get begun(): number {
    return this.#begun;
  }

  find(low: number, high: number): number {
    const left = this.#left;
    const key = low ^ high;
    let bucket = scaled(key, this.capacity);
    // Bucket 0 has 0 left in both senses: it is the last one to be removed.
    while ((left[bucket] as number) > 0) {
      const limit = left[bucket] as number;
      let next = scaled(mix32(key + Math.imul(bucket + 1, GOLDEN)), limit);
      while ((left[next] as number) >= limit) next = this.#successor[next] as number;
      bucket = next;
    }
    return bucket;
  }

  add(): number {
    const bucket = this.#stack[--this.#stacked] as number;
    const count = this.capacity - this.#stacked - 1;
    this.#left[bucket] = 0;
    this.#place[this.#inUse[count] as number] = count;
    this.#inUse[this.#place[bucket] as number] = bucket;
    this.#successor[bucket] = bucket;
    this.#begun = Math.max(this.#begun, bucket + 1);
    return bucket;
  }

  remove(bucket: number): void {
    this.#stack[this.#stacked++] = bucket;
    const count = this.capacity - this.#stacked;
    const last = this.#inUse[count] as number;
    this.#left[bucket] = count;
    this.#inUse[this.#place[bucket] as number] = last;
    this.#successor[bucket] = last;
    this.#place[last] = this.#place[bucket] as number;
  }

  removed(): readonly number[] {
    return Array.from(this.#stack.subarray(this.capacity - this.#begun, this.#stacked));
  }

  memoryBytes(): number {
    return 5 * this.#left.byteLength;
  }
}
