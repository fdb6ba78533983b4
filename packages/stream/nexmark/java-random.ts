const TWO_24 = 0x100_0000;
const MULTIPLIER_HIGH = 0x5de;
const MULTIPLIER_LOW = 0xece66d;

/**
 * `java.util.Random`: the linear congruential generator of 48 bits that its specification prescribes,
 * in two halves of 24, so that no product exceeds what a number holds exactly.
 */
export class JavaRandom {
  #high: number;
  #low: number;

  /** `seed`: a whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    this.#high = Math.floor(seed / TWO_24) & 0xffffff;
    this.#low = seed % TWO_24;
    this.#high ^= MULTIPLIER_HIGH;
    this.#low ^= MULTIPLIER_LOW;
  }

  /** Any 32-bit whole number, or one of 0 to `bound` - 1. */
  nextInt(bound?: number): number {
    if (bound === undefined) return this.#next(32) | 0;
    // A power of two: the high bits are better than the low ones.
    if ((bound & -bound) === bound) return Math.floor((bound * this.#next(31)) / 2 ** 31);
    for (;;) {
      const bits = this.#next(31);
      const value = bits % bound;
      // Of the last, incomplete run of `bound` numbers none is taken.
      if (bits - value + (bound - 1) < 2 ** 31) return value;
    }
  }

  /** From 0 up to, not including, 1. */
  nextDouble(): number {
    const high = this.#next(26);
    return (high * 2 ** 27 + this.#next(27)) / 2 ** 53;
  }

  #next(bits: number): number {
    const low = this.#low * MULTIPLIER_LOW + 0xb;
    const carry = Math.floor(low / TWO_24);
    const high = this.#high * MULTIPLIER_LOW + this.#low * MULTIPLIER_HIGH + carry;
    this.#low = low % TWO_24;
    this.#high = high % TWO_24;
    return Math.floor((this.#high * TWO_24 + this.#low) / 2 ** (48 - bits));
  }
}
