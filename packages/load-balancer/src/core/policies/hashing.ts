import { createMaglev, createRing, type Locator, type Key } from "@quorate/consistent-hashing";
import type { Random } from "@quorate/runtime";
import type { PickContext } from "../../pick.ts";
import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";
import { WeightedRandom } from "./random.ts";

/**
 * The endpoint that holds the request's `hashKey`, on a hash ring or in a Maglev table; any without a
 * key. As an endpoint becomes unhealthy only its own keys go elsewhere (with Maglev a few more). By
 * the weight that the endpoint was given: slow start moves no keys. O(1).
 *
 * With a `loadFactor`, an endpoint with more than that times its share of all requests in flight
 * passes keys on to the next in their order ("Consistent hashing with bounded loads", Mirrokni,
 * Thorup, Zadimoghaddam, SODA 2018).
 */
export class Hashing implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #makeLocator: () => Locator;
  readonly #loadFactor: number;

  constructor(
    fleet: Fleet,
    random: Random,
    table: "ring" | "maglev",
    loadFactor: number = Infinity,
  ) {
    this.#fleet = fleet;
    this.#random = random;
    this.#makeLocator = () => (table === "ring" ? createRing() : createMaglev());
    this.#loadFactor = loadFactor;
  }

  chooser(): Chooser {
    const keyless = new WeightedRandom(this.#fleet, this.#random).chooser();
    const locator = this.#makeLocator();
    return this.#loadFactor === Infinity
      ? new HashingChooser(this.#fleet, locator, keyless)
      : new BoundedChooser(this.#fleet, locator, keyless, this.#loadFactor);
  }
}

class HashingChooser implements Chooser {
  readonly fleet: Fleet;
  readonly locator: Locator;
  readonly slotOf = new Map<string, number>();
  readonly #keyless: Chooser;

  constructor(fleet: Fleet, locator: Locator, keyless: Chooser) {
    this.fleet = fleet;
    this.locator = locator;
    this.#keyless = keyless;
  }

  update(candidates: Candidates): void {
    this.#keyless.update(candidates);
    this.slotOf.clear();
    for (let at = 0; at < candidates.count; at++) {
      const slot = candidates.slots[at] as number;
      const endpoint = this.fleet.endpoints[slot];
      if (endpoint !== undefined) this.slotOf.set(endpoint.id, slot);
    }
    for (const { name } of this.locator.nodes()) {
      if (!this.slotOf.has(name)) this.locator.remove(name);
    }
    for (const [name, slot] of this.slotOf) {
      const weight = this.fleet.endpoints[slot]?.weight ?? 1;
      if (this.locator.has(name)) this.locator.setWeight(name, weight);
      else this.locator.add({ name, weight });
    }
  }

  pick(nowMs: number, context: PickContext | undefined): number {
    const key = context?.hashKey;
    return key === undefined ? this.#keyless.pick(nowMs, undefined) : this.slotFor(key);
  }

  protected slotFor(key: Key): number {
    return this.slotOf.get(this.locator.locate(key)) as number;
  }
}

class BoundedChooser extends HashingChooser {
  readonly #loadFactor: number;
  readonly #hasRoom: (name: string) => boolean;
  #totalWeight = 0;
  #limitPerWeight = 0;

  constructor(fleet: Fleet, locator: Locator, keyless: Chooser, loadFactor: number) {
    super(fleet, locator, keyless);
    this.#loadFactor = loadFactor;
    this.#hasRoom = (name) => {
      const slot = this.slotOf.get(name) as number;
      const limit = this.#limitPerWeight * (fleet.endpoints[slot]?.weight ?? 1);
      return (fleet.inFlight[slot] as number) < limit;
    };
  }

  override update(candidates: Candidates): void {
    super.update(candidates);
    this.#totalWeight = 0;
    for (const { weight } of this.locator.nodes()) this.#totalWeight += weight;
  }

  protected override slotFor(key: Key): number {
    this.#limitPerWeight = (this.#loadFactor * (this.fleet.totalInFlight + 1)) / this.#totalWeight;
    // The limits sum up to more than all requests, so there is always one with room.
    return this.slotOf.get(this.locator.locateWhere(key, this.#hasRoom) as string) as number;
  }
}
