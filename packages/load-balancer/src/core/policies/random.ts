import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";
import { AliasTable } from "./alias-table.ts";

/** Any, all equally likely; weights are ignored. O(1). */
export class RandomPolicy implements Policy {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  chooser(): Chooser {
    return new RandomChooser(this.#random);
  }
}

class RandomChooser implements Chooser {
  readonly #random: Random;
  #slots: Int32Array = new Int32Array();
  #count = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
  }

  pick(): number {
    return this.#slots[Math.floor(this.#random.next() * this.#count)] as number;
  }
}

/** Any, each as likely as its weight says. O(1). */
export class WeightedRandom implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;

  constructor(fleet: Fleet, random: Random) {
    this.#fleet = fleet;
    this.#random = random;
  }

  chooser(): WeightedRandomChooser {
    return new WeightedRandomChooser(this.#fleet, this.#random);
  }
}

/** Also the first half of the policies that choose the better of a few. */
export class WeightedRandomChooser implements Chooser {
  readonly #fleet: Fleet;
  readonly #random: Random;
  #slots: Int32Array = new Int32Array();
  #count = 0;
  /** Undefined when all weights are equal. */
  #table: AliasTable | undefined;

  constructor(fleet: Fleet, random: Random) {
    this.#fleet = fleet;
    this.#random = random;
  }

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
    const weights = Float64Array.from(
      slots.subarray(0, count),
      (slot) => this.#fleet.weight[slot] as number,
    );
    const equal = weights.every((weight) => weight === weights[0]);
    this.#table = equal ? undefined : new AliasTable(weights);
  }

  pick(): number {
    const uniform = this.#random.next();
    const index = this.#table ? this.#table.draw(uniform) : Math.floor(uniform * this.#count);
    return this.#slots[index] as number;
  }

  /** Another than `slot` where there is one, in a few draws; else `slot` itself. */
  another(slot: number): number {
    for (let draw = 0; draw < 4; draw++) {
      const other = this.pick();
      if (other !== slot) return other;
    }
    return slot;
  }
}
