/** The members that vote. More than half of them is a quorum: of 3 it is 2, of 4 it is 3. */
export class Voters {
  readonly ids: readonly string[];

  constructor(ids: readonly string[]) {
    this.ids = ids;
  }

  /** How many make a quorum. */
  get quorum(): number {
    return Math.floor(this.ids.length / 2) + 1;
  }

  has(id: string): boolean {
    return this.ids.includes(id);
  }

  /** Whether the voters among `ids` are a quorum. */
  isQuorum(ids: ReadonlySet<string>): boolean {
    let count = 0;
    for (const id of this.ids) if (ids.has(id)) count++;
    return count >= this.quorum;
  }

  /** The largest value that a quorum of the voters has reached. */
  reachedByQuorum(valueOf: (id: string) => number): number {
    const values = this.ids.map(valueOf).sort((a, b) => b - a);
    return values[this.quorum - 1]!;
  }
}
