import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { high64, xxh64Low } from "../hash/xxh64.ts";
import { checkWholeWeight } from "../node.ts";
import type { Membership } from "./membership.ts";
import type { Placement } from "./placement.ts";

/**
 * Envoy's ring hash: 64-bit points, XXH64 of `<name>_<i>`. How many points a node has depends on
 * all weights and, where that is not a whole number, on the order of joining.
 */
export class EnvoyRingPlacement implements Placement {
  readonly #members: Membership;
  readonly #minimum: number;
  readonly #maximum: number;
  readonly #joined: number[] = [];
  #highs = new Uint32Array(0);
  #lows = new Uint32Array(0);
  #owners = new Int32Array(0);
  #stale = true;

  constructor(members: Membership, minimum: number, maximum: number) {
    this.#members = members;
    this.#minimum = minimum;
    this.#maximum = maximum;
  }

  find(low: number, high: number): number {
    const index = this.#successor(low >>> 0, high >>> 0);
    return this.#owners[index] as number;
  }

  visit(low: number, high: number, accept: (slot: number) => boolean): number {
    const from = this.#successor(low >>> 0, high >>> 0);
    const owners = this.#owners;
    for (let step = 0; step < owners.length; step++) {
      const slot = owners[(from + step) % owners.length] as number;
      if (accept(slot)) return slot;
    }
    // A ring of fewer points than nodes leaves nodes out.
    for (const slot of this.#joined) if (accept(slot)) return slot;
    return -1;
  }

  checkWeights(weights: readonly number[], freed: number): void {
    for (const weight of weights) checkWholeWeight(weight, "Envoy's ring hash");
    if (this.#members.size + weights.length - (freed === 0 ? 0 : 1) <= this.#maximum) return;
    throw new ConsistentHashingError("full", `a ring has at most ${this.#maximum} points`);
  }

  add(slots: readonly number[]): void {
    this.#joined.push(...slots);
    this.#stale = true;
  }

  remove(slot: number): void {
    this.#joined.splice(this.#joined.indexOf(slot), 1);
    this.#stale = true;
  }

  reweigh(): void {
    this.#stale = true;
  }

  memoryBytes(): number {
    if (this.#stale) this.#build();
    return 3 * this.#owners.byteLength;
  }

  joined(): readonly number[] {
    return this.#joined;
  }

  /** The index of the first point at or after a position, around the ring. */
  #successor(low: number, high: number): number {
    if (this.#stale) this.#build();
    const highs = this.#highs;
    let from = 0;
    let to = highs.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const above = highs[middle] as number;
      if (above < high || (above === high && (this.#lows[middle] as number) < low)) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from === highs.length ? 0 : from;
  }

  #build(): void {
    const total = this.#joined.reduce((sum, slot) => sum + this.#members.weight(slot), 0);
    const shares = this.#joined.map((slot) => this.#members.weight(slot) / total);
    const least = shares.reduce((minimum, share) => Math.min(minimum, share), 1);
    const scale = Math.min(Math.ceil(least * this.#minimum) / least, this.#maximum);
    const highs: number[] = [];
    const lows: number[] = [];
    const owners: number[] = [];
    let target = 0;
    for (const [index, slot] of this.#joined.entries()) {
      target += scale * (shares[index] as number);
      for (let point = 0; owners.length < target; point++) {
        lows.push(xxh64Low(`${this.#members.name(slot)}_${point}`) >>> 0);
        highs.push(high64 >>> 0);
        owners.push(slot);
      }
    }
    const order = Array.from(owners.keys()).sort(
      (a, b) =>
        (highs[a] as number) - (highs[b] as number) || (lows[a] as number) - (lows[b] as number),
    );
    this.#highs = Uint32Array.from(order, (at) => highs[at] as number);
    this.#lows = Uint32Array.from(order, (at) => lows[at] as number);
    this.#owners = Int32Array.from(order, (at) => owners[at] as number);
    this.#stale = false;
  }
}
