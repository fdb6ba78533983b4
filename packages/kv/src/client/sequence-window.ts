/** Numbers the writes of one session, and knows below which all have been answered. */
export class SequenceWindow {
  readonly #answered = new Set<number>();
  #next = 1;
  #answeredBelow = 1;

  /** All numbers below this one have been answered or given up: none of them is asked for again. */
  get answeredBelow(): number {
    return this.#answeredBelow;
  }

  /** The number of a new write; it counts as unanswered until `end`. */
  begin(): number {
    return this.#next++;
  }

  end(sequence: number): void {
    this.#answered.add(sequence);
    while (this.#answered.delete(this.#answeredBelow)) this.#answeredBelow++;
  }
}
