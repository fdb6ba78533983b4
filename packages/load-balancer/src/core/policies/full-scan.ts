import type { Random } from "@quorate/runtime";
import type { Candidates, Chooser } from "../policy.ts";

/** The candidate of least cost; of equal ones any, all equally likely. O(n). */
export class FullScan implements Chooser {
  readonly #random: Random;
  readonly #costOf: (slot: number, nowMs: number) => number;
  #slots: Int32Array = new Int32Array();
  #count = 0;
  #least: Int32Array = new Int32Array();

  constructor(random: Random, costOf: (slot: number, nowMs: number) => number) {
    this.#random = random;
    this.#costOf = costOf;
  }

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
    this.#least = new Int32Array(count);
  }

  pick(nowMs: number): number {
    let leastCost = Infinity;
    let equals = 0;
    for (let index = 0; index < this.#count; index++) {
      const slot = this.#slots[index] as number;
      const cost = this.#costOf(slot, nowMs);
      if (cost < leastCost) {
        leastCost = cost;
        equals = 0;
      }
      if (cost === leastCost) this.#least[equals++] = slot;
    }
    if (equals === 1) return this.#least[0] as number;
    return this.#least[Math.floor(this.#random.next() * equals)] as number;
  }
}
