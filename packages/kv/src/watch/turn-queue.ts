/** The one place that something may have in a `TurnQueue`. */
export class Turn<T> {
  readonly of: T;
  isQueued = false;

  constructor(of: T) {
    this.of = of;
  }
}

/** Places that were passed or left, beyond which the queue is shortened. */
const MAX_EMPTY = 4_096;

/**
 * Each is in it once, in the order in which it came, and may leave before its turn. As a `Set`, at a fraction
 * of the cost: with each telling, all watches of a store may pass through two of them.
 */
export class TurnQueue<T> {
  #places: Turn<T>[] = [];
  #passed = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Has no effect on one that is in already. */
  add(turn: Turn<T>): void {
    if (turn.isQueued) return;
    turn.isQueued = true;
    this.#places.push(turn);
    this.#size++;
  }

  /** Its place stays, and is passed over. */
  delete(turn: Turn<T>): void {
    if (!turn.isQueued) return;
    turn.isQueued = false;
    this.#size--;
    this.#shorten();
  }

  /** Takes out whose turn it is. */
  take(): T | undefined {
    while (this.#passed < this.#places.length) {
      const turn = this.#places[this.#passed++]!;
      if (!turn.isQueued) continue;
      turn.isQueued = false;
      this.#size--;
      this.#shorten();
      return turn.of;
    }
    return undefined;
  }

  #shorten(): void {
    if (this.#places.length <= 2 * this.#size + MAX_EMPTY) return;
    this.#places = this.#places.slice(this.#passed).filter(({ isQueued }) => isQueued);
    this.#passed = 0;
  }
}
