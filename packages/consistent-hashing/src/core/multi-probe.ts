import { mix32 } from "../hash/murmur3.ts";
import { checkWholeWeight } from "../node.ts";
import type { Membership } from "./membership.ts";
import type { Placement } from "./placement.ts";
import { PointRing } from "./point-ring.ts";
import { GOLDEN, visitByRehash } from "./rehash.ts";
import { addPoints, checkPoints, nodePoints } from "./ring.ts";

/** The most points that one node's weight can ask for. */
const MAX_NODE_POINTS = 65_536;

/**
 * Multi-probe consistent hashing (Appleton, O'Reilly, 2015): a ring with one point for each unit of
 * weight; the key is hashed to several positions, and the nearest point has it.
 */
export class MultiProbePlacement implements Placement {
  readonly #members: Membership;
  readonly #probes: number;
  readonly #seed: number;
  readonly #ring: PointRing;
  readonly #find: (low: number) => number;

  constructor(members: Membership, probes: number, seed: number) {
    this.#members = members;
    this.#probes = probes;
    this.#seed = seed;
    this.#ring = new PointRing((slot, other) => members.name(slot) < members.name(other));
    this.#find = (low) => this.find(low);
  }

  find(low: number): number {
    const ring = this.#ring;
    let nearest = Infinity;
    let index = 0;
    for (let probe = 0; probe < this.#probes; probe++) {
      const position = mix32(low + Math.imul(probe, GOLDEN)) >>> 0;
      const at = ring.successor(position);
      const point = at === ring.count ? ring.positionAt(0) + 2 ** 32 : ring.positionAt(at);
      if (point - position < nearest) {
        nearest = point - position;
        index = at;
      }
    }
    return ring.ownerAt(index);
  }

  visit(low: number, high: number, accept: (slot: number) => boolean): number {
    return visitByRehash(this.#find, this.#members, low, high, accept);
  }

  checkWeights(weights: readonly number[], freed: number): void {
    for (const weight of weights) checkWholeWeight(weight, "multi-probe hashing", MAX_NODE_POINTS);
    checkPoints(this.#ring.count + weights.reduce((sum, weight) => sum + weight, 0) - freed);
  }

  add(slots: readonly number[]): void {
    addPoints(this.#ring, this.#members, slots, (slot) => this.#points(slot));
  }

  remove(slot: number): void {
    this.#ring.remove(slot);
  }

  reweigh(slot: number): void {
    this.#ring.remove(slot);
    this.#ring.insert(this.#points(slot).sort(), slot);
  }

  memoryBytes(): number {
    return this.#ring.memoryBytes();
  }

  #points(slot: number): Uint32Array {
    return nodePoints(this.#members.name(slot), 0, this.#members.weight(slot), this.#seed);
  }
}
