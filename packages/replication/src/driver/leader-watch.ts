type LeaderListener = (leader: string | undefined, term: number) => void;

/** Notices when this node learns of another leader, or of none. */
export class LeaderWatch {
  readonly #listeners = new Set<LeaderListener>();
  #leader: string | undefined;
  #term = 0;

  onLeader(listener: LeaderListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Returns whether the leader or its term is another than the last time. */
  look(leader: string | undefined, term: number): boolean {
    // A new term without a leader is no news to those who knew of none.
    const isNews = leader !== this.#leader || (leader !== undefined && term !== this.#term);
    this.#leader = leader;
    this.#term = term;
    if (isNews) for (const listener of this.#listeners) listener(leader, term);
    return isNews;
  }
}
