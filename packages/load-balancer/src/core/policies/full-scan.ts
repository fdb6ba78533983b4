import type { Random } from "@quorate/runtime";
import type { Candidates, Chooser } from "../policy.ts";

/**
 * The candidate of least cost; of equal ones any, all equally likely. O(n).
 *
 * The cost is a method, not a function that is passed in: V8 inlines a method of several classes, but
 * only one function, and a call that is not inlined boxes the number it returns.
 */
export abstract class FullScan implements Chooser {
  readonly #random: Random;
  #slots: Int32Array = new Int32Array();
  #count = 0;
  #least: Int32Array = new Int32Array();

  constructor(random: Random) {
    this.#random = random;
  }

  protected abstract costOf(slot: number): number;

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
    this.#least = new Int32Array(count);
  }

  pick(): number {
    const slots = this.#slots;
    const least = this.#least;
    let leastCost = Infinity;
    let equals = 0;
    for (let index = 0; index < this.#count; index++) {
      const slot = slots[index] as number;
      const cost = this.costOf(slot);
      if (cost < leastCost) {
        leastCost = cost;
        equals = 0;
      }
      if (cost === leastCost) least[equals++] = slot;
    }
    if (equals === 1) return least[0] as number;
    return least[Math.floor(this.#random.next() * equals)] as number;
  }
}
