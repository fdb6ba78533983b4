import type { BucketAlgorithm } from "./buckets.ts";
import { MAX_BUCKETS } from "./buckets.ts";
import { jump, type JumpRounding } from "./jump.ts";

/** Buckets by jump consistent hash: a counter is all their state. */
export class JumpBuckets implements BucketAlgorithm {
  readonly name = "jump hashing";
  readonly capacity: number = MAX_BUCKETS;
  readonly lastOnly = true;
  readonly #rounding: JumpRounding;
  #begun = 0;

  constructor(rounding: JumpRounding) {
    this.#rounding = rounding;
  }

  get begun(): number {
    return this.#begun;
  }

  find(low: number, high: number): number {
    return jump(low, high, this.#begun, this.#rounding);
  }

  add(): number {
    return this.#begun++;
  }

  remove(): void {
    this.#begun--;
  }

  removed(): readonly number[] {
    return [];
  }

  memoryBytes(): number {
    return 0;
  }
}
