/**
 * Draws an index by weight in O(1), with one random number; built in O(n).
 *
 * Source: M. D. Vose, "A linear algorithm for generating random numbers with a given distribution",
 * IEEE Transactions on Software Engineering 17(9), 1991.
 */
export class AliasTable {
  readonly #keep: Float64Array;
  readonly #alias: Int32Array;

  /** At least one weight; all above 0. */
  constructor(weights: ArrayLike<number>) {
    const count = weights.length;
    let total = 0;
    for (let index = 0; index < count; index++) total += weights[index] as number;
    const scaled = Float64Array.from(weights, (weight) => (weight * count) / total);
    this.#keep = new Float64Array(count).fill(1);
    this.#alias = Int32Array.from({ length: count }, (_, index) => index);
    this.#pair(scaled);
  }

  /** `uniform`: at least 0, below 1. */
  draw(uniform: number): number {
    const scaled = uniform * this.#keep.length;
    const index = Math.floor(scaled);
    return scaled - index < (this.#keep[index] as number) ? index : (this.#alias[index] as number);
  }

  /** Each index below the mean is filled up by one above it. */
  #pair(scaled: Float64Array): void {
    const small: number[] = [];
    const large: number[] = [];
    for (const [index, share] of scaled.entries()) (share < 1 ? small : large).push(index);
    while (small.length > 0 && large.length > 0) {
      const low = small.pop() as number;
      const high = large.pop() as number;
      this.#keep[low] = scaled[low] as number;
      this.#alias[low] = high;
      scaled[high] = (scaled[high] as number) - (1 - (scaled[low] as number));
      (scaled[high] < 1 ? small : large).push(high);
    }
  }
}
