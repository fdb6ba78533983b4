const FIRST_SLOTS = 64;

/**
 * What is under way, by numbers that rise. A ring instead of a Map: the tables that a Map leaves behind
 * as it grows and shrinks keep their contents alive, as the garbage collector sees it, for a while.
 */
export class Routes<T> {
  #slots: (T | undefined)[] = Array.from({ length: FIRST_SLOTS });
  #numbers = new Float64Array(FIRST_SLOTS);
  #last: number;
  #size = 0;

  /** The numbers begin after `last`. */
  constructor(last: number) {
    this.#last = last;
  }

  get size(): number {
    return this.#size;
  }

  get(number: number): T | undefined {
    const slot = this.#slotOf(number);
    return this.#numbers[slot] === number ? this.#slots[slot] : undefined;
  }

  /** Returns its number. */
  add(item: T): number {
    if (2 * this.#size >= this.#slots.length) this.#grow();
    let slot: number;
    do slot = this.#slotOf(++this.#last);
    while (this.#slots[slot] !== undefined);
    this.#slots[slot] = item;
    this.#numbers[slot] = this.#last;
    this.#size++;
    return this.#last;
  }

  delete(number: number): void {
    const slot = this.#slotOf(number);
    if (this.#numbers[slot] !== number || this.#slots[slot] === undefined) return;
    this.#slots[slot] = undefined;
    this.#size--;
  }

  /** As it is now: what is done to it meanwhile does not count. */
  all(): readonly T[] {
    return this.#slots.filter((item) => item !== undefined);
  }

  #slotOf(number: number): number {
    return number % this.#slots.length;
  }

  #grow(): void {
    const [slots, numbers] = [this.#slots, this.#numbers];
    this.#slots = Array.from({ length: 2 * slots.length });
    this.#numbers = new Float64Array(2 * slots.length);
    for (const [at, item] of slots.entries()) {
      if (item === undefined) continue;
      const slot = this.#slotOf(numbers[at]!);
      this.#slots[slot] = item;
      this.#numbers[slot] = numbers[at]!;
    }
  }
}
