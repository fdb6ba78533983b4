import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";

/** The longest sequence that is kept: 256 KiB. */
const MAX_PERIOD = 65_536;

/**
 * In turn, each as often as its weight says, and as evenly spread as can be: {5, 1, 1} gives
 * a a b a c a a. The sequence repeats after the sum of the weights (over their greatest common
 * divisor), so it is kept as it is first played, and from then on a pick is O(1); O(n) before, and
 * with weights that are not whole or sum up to more than 65,536.
 *
 * Source: nginx, ngx_http_upstream_get_peer (2012).
 */
export class SmoothWeightedRoundRobin implements Policy {
  readonly #fleet: Fleet;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  chooser(): Chooser {
    return new SmoothWeightedChooser(this.#fleet);
  }
}

class SmoothWeightedChooser implements Chooser {
  readonly #fleet: Fleet;
  #slots: Int32Array = new Int32Array();
  #weights: Float64Array = new Float64Array();
  #current: Float64Array = new Float64Array();
  #total = 0;
  /** The sequence, as far as it was played; empty if it is not kept. */
  #sequence: Int32Array = new Int32Array();
  #recorded = 0;
  #at = 0;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  update({ slots, count }: Candidates): void {
    this.#slots = slots.slice(0, count);
    this.#weights = Float64Array.from(this.#slots, (slot) => this.#fleet.weight[slot] as number);
    this.#current = new Float64Array(count);
    this.#total = this.#weights.reduce((sum, weight) => sum + weight, 0);
    this.#sequence = new Int32Array(period(this.#weights, this.#total));
    this.#recorded = 0;
    this.#at = 0;
  }

  pick(): number {
    if (this.#at === this.#recorded && this.#recorded < this.#sequence.length) {
      this.#sequence[this.#recorded++] = this.#next();
    }
    if (this.#sequence.length === 0) return this.#next();
    const slot = this.#sequence[this.#at++] as number;
    if (this.#at === this.#sequence.length) this.#at = 0;
    return slot;
  }

  #next(): number {
    const current = this.#current;
    const weights = this.#weights;
    let best = 0;
    for (let index = 0; index < current.length; index++) {
      const raised = (current[index] as number) + (weights[index] as number);
      current[index] = raised;
      if (raised > (current[best] as number)) best = index;
    }
    current[best] = (current[best] as number) - this.#total;
    return this.#slots[best] as number;
  }
}

/** After how many picks the sequence repeats; 0 when that is unknown or too long to keep. */
function period(weights: Float64Array, total: number): number {
  let divisor = 0;
  for (const weight of weights) {
    if (!Number.isInteger(weight)) {
      const equal = weights.every((other) => other === weight);
      return equal ? weights.length : 0;
    }
    divisor = greatestCommonDivisor(divisor, weight);
  }
  const length = total / divisor;
  return length <= MAX_PERIOD ? length : 0;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
