import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import type { Chooser, Policy } from "../policy.ts";
import { BetterOfTwo } from "./better-of-two.ts";
import { FullScan } from "./full-scan.ts";

/**
 * The fewest requests in flight for its weight: the greatest weight / (in flight + 1)^bias of all;
 * of equals any. O(n).
 */
export class LeastRequests implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #bias: number;

  /** A bias of 0 looks at weights only, of 1 shares requests in flight by weight. */
  constructor(fleet: Fleet, random: Random, bias: number) {
    this.#fleet = fleet;
    this.#random = random;
    this.#bias = bias;
  }

  chooser(): Chooser {
    return new LeastRequestsChooser(this.#fleet, this.#random, this.#bias);
  }
}

class LeastRequestsChooser extends FullScan {
  readonly #fleet: Fleet;
  readonly #bias: number;

  constructor(fleet: Fleet, random: Random, bias: number) {
    super(random);
    this.#fleet = fleet;
    this.#bias = bias;
  }

  protected override costOf(slot: number): number {
    return requestCost(this.#fleet, slot, this.#bias);
  }
}

/**
 * The better of two drawn by weight, by the same measure. O(1).
 *
 * Source: M. Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10),
 * 2001; Envoy's least request.
 */
export class TwoChoices implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #bias: number;

  constructor(fleet: Fleet, random: Random, bias: number) {
    this.#fleet = fleet;
    this.#random = random;
    this.#bias = bias;
  }

  chooser(): Chooser {
    return new TwoChoicesChooser(this.#fleet, this.#random, this.#bias);
  }
}

class TwoChoicesChooser extends BetterOfTwo {
  readonly #fleet: Fleet;
  readonly #bias: number;

  constructor(fleet: Fleet, random: Random, bias: number) {
    super(fleet, random);
    this.#fleet = fleet;
    this.#bias = bias;
  }

  protected override costOf(slot: number): number {
    return requestCost(this.#fleet, slot, this.#bias);
  }
}

function requestCost(fleet: Fleet, slot: number, bias: number): number {
  const requests = (fleet.inFlight[slot] as number) + 1;
  return (bias === 1 ? requests : requests ** bias) / (fleet.weight[slot] as number);
}
