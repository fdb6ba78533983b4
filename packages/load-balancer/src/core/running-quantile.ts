/** Values from here on count as this one. */
const GREATEST = 4_095;

/**
 * A quantile of the latest `size` whole numbers from 0, exact up to 4,095. A new number moves the
 * quantile along the counts of each value instead of sorting anew: O(1) while numbers change little.
 */
export class RunningQuantile {
  readonly #quantile: number;
  readonly #latest: Int32Array;
  readonly #counts = new Int32Array(GREATEST + 1);
  #added = 0;
  #value = 0;
  /** How many of the latest are less than `#value`. */
  #below = 0;

  /** `quantile`: 0 the least to 1 the greatest. */
  constructor(size: number, quantile: number) {
    this.#latest = new Int32Array(size);
    this.#quantile = quantile;
  }

  /** 0 before the first number. */
  get value(): number {
    return this.#value;
  }

  add(number: number): void {
    const size = this.#latest.length;
    const at = this.#added % size;
    if (this.#added >= size) this.#count(this.#latest[at] as number, -1);
    const added = Math.min(GREATEST, number);
    this.#latest[at] = added;
    this.#count(added, 1);
    this.#added++;
    this.#follow(Math.min(this.#added, size));
  }

  #count(number: number, change: number): void {
    this.#counts[number] = (this.#counts[number] as number) + change;
    if (number < this.#value) this.#below += change;
  }

  #follow(count: number): void {
    const rank = Math.min(count - 1, Math.floor(count * this.#quantile));
    while (this.#below > rank) this.#below -= this.#counts[--this.#value] as number;
    while (this.#below + (this.#counts[this.#value] as number) <= rank) {
      this.#below += this.#counts[this.#value++] as number;
    }
  }
}
