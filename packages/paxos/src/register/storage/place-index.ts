import type { KeyHash } from "./key-hash.ts";

const FIRST_SLOTS = 1_024;
const MAX_LOAD = 0.75;
/** What an empty slot has for a place. */
const EMPTY = -1;

/**
 * Where the last record of each key stands: 16 bytes a slot, outside of V8's heap, at most 3 of 4 slots
 * in use and at least 3 of 8 after it grew: 21 to 43 bytes a key. Keys are known by 64 bits of hash;
 * whoever reads a record compares its key.
 *
 * Open addressing with linear probing; deletion closes the gap (Knuth, TAOCP vol. 3, §6.4, algorithm R).
 */
export class PlaceIndex {
  #high = new Uint32Array(FIRST_SLOTS);
  #low = new Uint32Array(FIRST_SLOTS);
  #places = new Float64Array(FIRST_SLOTS).fill(EMPTY);
  #size = 0;

  /** Keys. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return 16 * this.#places.length;
  }

  get(hash: KeyHash): number | undefined {
    const slot = this.#find(hash);
    const place = this.#places[slot]!;
    return place === EMPTY ? undefined : place;
  }

  set(hash: KeyHash, place: number): void {
    const slot = this.#find(hash);
    if (this.#places[slot] === EMPTY) {
      this.#size++;
      this.#high[slot] = hash.high;
      this.#low[slot] = hash.low;
    }
    this.#places[slot] = place;
    if (this.#size > MAX_LOAD * this.#places.length) this.#grow();
  }

  clear(): void {
    this.#high = new Uint32Array(FIRST_SLOTS);
    this.#low = new Uint32Array(FIRST_SLOTS);
    this.#places = new Float64Array(FIRST_SLOTS).fill(EMPTY);
    this.#size = 0;
  }

  delete(hash: KeyHash): void {
    let gap = this.#find(hash);
    if (this.#places[gap] === EMPTY) return;
    this.#size--;
    const mask = this.#places.length - 1;
    for (let slot = (gap + 1) & mask; this.#places[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = this.#low[slot]! & mask;
      // Whatever would not be found across the gap moves into it.
      if (((slot - home) & mask) < ((slot - gap) & mask)) continue;
      this.#move(slot, gap);
      gap = slot;
    }
    this.#places[gap] = EMPTY;
  }

  /** The slot of a key, or the empty one where it would be. */
  #find({ high, low }: KeyHash): number {
    const mask = this.#places.length - 1;
    let slot = low & mask;
    while (this.#places[slot] !== EMPTY && (this.#low[slot] !== low || this.#high[slot] !== high)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #move(from: number, to: number): void {
    this.#high[to] = this.#high[from]!;
    this.#low[to] = this.#low[from]!;
    this.#places[to] = this.#places[from]!;
  }

  #grow(): void {
    const [high, low, places] = [this.#high, this.#low, this.#places];
    const slots = 2 * places.length;
    this.#high = new Uint32Array(slots);
    this.#low = new Uint32Array(slots);
    this.#places = new Float64Array(slots).fill(EMPTY);
    for (let slot = 0; slot < places.length; slot++) {
      if (places[slot] === EMPTY) continue;
      const target = this.#find({ high: high[slot]!, low: low[slot]! });
      this.#high[target] = high[slot]!;
      this.#low[target] = low[slot]!;
      this.#places[target] = places[slot]!;
    }
  }
}
