import { mix32, murmur3Bits } from "../hash/murmur3.ts";
import type { Membership } from "./membership.ts";
import { negativeLog } from "./natural-log.ts";
import type { Placement } from "./placement.ts";

/**
 * Rendezvous hashing, or highest random weight (Thaler, Ravishankar, 1998): each node draws a
 * number for the key, and the best one has it. With weights the number is -ln(u)/w, an exponential
 * variable of rate w, and the least wins (Schindelhauer, Schomaker, SPAA 2005): shares are exact.
 */
export class RendezvousPlacement implements Placement {
  readonly #members: Membership;
  readonly #seed: number;
  // In the order of names, so that of equal draws the first name has the key.
  #slots = new Int32Array(0);
  #first = new Int32Array(0);
  #second = new Int32Array(0);
  #weights = new Float64Array(0);
  #weighted = false;

  constructor(members: Membership, seed: number) {
    this.#members = members;
    this.#seed = seed;
  }

  find(low: number): number {
    return this.#slots[this.#weighted ? this.#leastCost(low) : this.#greatest(low)] as number;
  }

  /** Each next slot takes a pass over all nodes, and no memory. */
  visit(low: number, _high: number, accept: (slot: number) => boolean): number {
    let cost = -1;
    let last = -1;
    for (let offered = 0; offered < this.#slots.length; offered++) {
      last = this.#nextAfter(low, cost, last);
      cost = this.#cost(low, last);
      const slot = this.#slots[last] as number;
      if (accept(slot)) return slot;
    }
    return -1;
  }

  checkWeights(): void {
    // Any weights will do.
  }

  add(): void {
    this.#rebuild(this.#members.byName);
  }

  remove(slot: number): void {
    this.#rebuild(this.#members.byName.filter((other) => other !== slot));
  }

  reweigh(): void {
    this.#rebuild(this.#members.byName);
  }

  memoryBytes(): number {
    return (
      this.#slots.byteLength +
      this.#first.byteLength +
      this.#second.byteLength +
      this.#weights.byteLength
    );
  }

  #rebuild(slots: readonly number[]): void {
    const names = slots.map((slot) => this.#members.name(slot));
    this.#slots = Int32Array.from(slots);
    this.#first = Int32Array.from(names, (name) => murmur3Bits(name, this.#seed));
    this.#second = Int32Array.from(names, (name) => murmur3Bits(name, ~this.#seed));
    this.#weights = Float64Array.from(slots, (slot) => this.#members.weight(slot));
    this.#weighted = this.#weights.some((weight) => weight !== this.#weights[0]);
  }

  #greatest(low: number): number {
    const first = this.#first;
    const second = this.#second;
    let greatest = -1;
    let index = 0;
    for (let at = 0; at < first.length; at++) {
      const draw = drawn(low, first[at] as number, second[at] as number) >>> 0;
      if (draw > greatest) {
        greatest = draw;
        index = at;
      }
    }
    return index;
  }

  #leastCost(low: number): number {
    let least = Infinity;
    let index = 0;
    for (let at = 0; at < this.#slots.length; at++) {
      const cost = this.#cost(low, at);
      if (cost < least) {
        least = cost;
        index = at;
      }
    }
    return index;
  }

  /** The index with the least (cost, index) above the given one. */
  #nextAfter(low: number, cost: number, index: number): number {
    let least = Infinity;
    let next = 0;
    for (let at = 0; at < this.#slots.length; at++) {
      const own = this.#cost(low, at);
      if (own < least && (own > cost || (own === cost && at > index))) {
        least = own;
        next = at;
      }
    }
    return next;
  }

  #cost(low: number, at: number): number {
    const bits = drawn(low, this.#first[at] as number, this.#second[at] as number);
    return negativeLog(bits) / (this.#weights[at] as number);
  }
}

/** Two hashes of the name: nodes that have one in common still draw differently. */
function drawn(key: number, first: number, second: number): number {
  const mixed = Math.imul(key ^ first, 0x9e3779b1);
  return mix32((mixed ^ (mixed >>> 15)) + second);
}
