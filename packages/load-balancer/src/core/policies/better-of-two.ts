import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser } from "../policy.ts";
import { WeightedRandomChooser } from "./random.ts";

/**
 * Of two candidates drawn by weight the one that costs less; of equal ones the first. O(1). The cost
 * is a method for the reason that `FullScan` gives.
 */
export abstract class BetterOfTwo implements Chooser {
  readonly #drawn: WeightedRandomChooser;

  constructor(fleet: Fleet, random: Random) {
    this.#drawn = new WeightedRandomChooser(fleet, random);
  }

  protected abstract costOf(slot: number, nowMs: number): number;

  update(candidates: Candidates): void {
    this.#drawn.update(candidates);
  }

  pick(nowMs: number): number {
    const one = this.#drawn.pick();
    const other = this.#drawn.another(one);
    return this.costOf(other, nowMs) < this.costOf(one, nowMs) ? other : one;
  }
}
