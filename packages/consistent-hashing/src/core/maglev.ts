import { ConsistentHashingError } from "../consistent-hashing-error.ts";
import { maglevTable } from "./maglev-table.ts";
import type { Membership } from "./membership.ts";
import type { Placement, Segments } from "./placement.ts";
import { visitByRehash } from "./rehash.ts";

/** How the place of a hash in the table is found. */
export interface MaglevIndex {
  placeOf(low: number, high: number, size: number): number;
  /** Whether a place has the hashes of one range, in order. */
  readonly inOrder: boolean;
}

/** By multiplication: four times as fast as a remainder, and each place is one range of hashes. */
export const byMultiplication: MaglevIndex = {
  placeOf: (low, _high, size) => Math.floor(((low >>> 0) * size) / 2 ** 32),
  inOrder: true,
};

/** Envoy's: the remainder of the 64-bit hash. */
export const byRemainder: MaglevIndex = {
  placeOf: (low, high, size) => {
    // (high × 2^32 + low) mod size, 16 bits at a time, as a product must stay below 2^53.
    const upper = (((high >>> 0) % size) * 2 ** 16 + (low >>> 16)) % size;
    return (upper * 2 ** 16 + (low & 0xffff)) % size;
  },
  inOrder: false,
};

/** The table is built at the first lookup after a change, so many changes cost one building. */
export class MaglevPlacement implements Placement {
  readonly #members: Membership;
  readonly #size: number;
  readonly #index: MaglevIndex;
  readonly #checkNode: (weight: number) => void;
  readonly #find: (low: number, high: number) => number;
  #table: Int32Array = new Int32Array(0);
  #stale = true;

  constructor(
    members: Membership,
    size: number,
    index: MaglevIndex,
    checkNode: (weight: number) => void,
  ) {
    this.#members = members;
    this.#size = size;
    this.#index = index;
    this.#checkNode = checkNode;
    this.#find = (low, high) => this.find(low, high);
  }

  find(low: number, high: number): number {
    if (this.#stale) this.#build();
    return this.#table[this.#index.placeOf(low, high, this.#size)] as number;
  }

  visit(low: number, high: number, accept: (slot: number) => boolean): number {
    return visitByRehash(this.#find, this.#members, low, high, accept);
  }

  checkWeights(weights: readonly number[], freed: number): void {
    for (const weight of weights) this.#checkNode(weight);
    if (this.#members.size + weights.length - (freed === 0 ? 0 : 1) > this.#size) {
      throw new ConsistentHashingError(
        "full",
        `a Maglev table of ${this.#size} places has no place for more nodes`,
      );
    }
  }

  add(): void {
    this.#stale = true;
  }

  remove(): void {
    this.#stale = true;
  }

  reweigh(): void {
    this.#stale = true;
  }

  memoryBytes(): number {
    if (this.#stale) this.#build();
    return this.#table.byteLength;
  }

  segments(): Segments | undefined {
    if (!this.#index.inOrder) return undefined;
    if (this.#stale) this.#build();
    const starts: number[] = [];
    const slots: number[] = [];
    for (let place = 0; place < this.#size; place++) {
      const slot = this.#table[place] as number;
      if (slot === slots.at(-1)) continue;
      starts.push(this.#startOf(place));
      slots.push(slot);
    }
    return { starts: Float64Array.from(starts), slots: Int32Array.from(slots) };
  }

  /** The first hash of a place: the division's result may be off by one where it was rounded. */
  #startOf(place: number): number {
    let start = Math.ceil((place * 2 ** 32) / this.#size);
    while (start > 0 && this.#index.placeOf(start - 1, 0, this.#size) >= place) start--;
    while (this.#index.placeOf(start, 0, this.#size) < place) start++;
    return start;
  }

  #build(): void {
    const slots = this.#members.byName;
    const total = slots.reduce((sum, slot) => sum + this.#members.weight(slot), 0);
    const entries = slots.map((slot) => ({
      name: this.#members.name(slot),
      share: this.#members.weight(slot) / total,
    }));
    const table = maglevTable(entries, this.#size);
    for (let place = 0; place < table.length; place++) {
      table[place] = slots[table[place] as number] as number;
    }
    this.#table = table;
    this.#stale = false;
  }
}
