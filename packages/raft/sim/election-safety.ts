/** Figure 3, Election Safety: "at most one leader can be elected in a given term". */
export class ElectionSafety {
  readonly #leaders = new Map<number, string>();

  /** In how many terms somebody led. */
  get elections(): number {
    return this.#leaders.size;
  }

  /** The latest term that anybody has led; 0 before the first. */
  get latestTerm(): number {
    return Math.max(0, ...this.#leaders.keys());
  }

  /** @throws another led this term. */
  leads(id: string, term: number): void {
    const known = this.#leaders.get(term) ?? id;
    if (known !== id) throw new Error(`${known} and ${id} both led term ${term}`);
    this.#leaders.set(term, id);
  }
}
