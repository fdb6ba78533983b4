/** What a task's own code counts. */
export class TaskCounters {
  readonly #counts = new Map<string, number>();
  /** What was counted since the last `keep`. */
  readonly #pending: (readonly [name: string, by: number])[] = [];
  readonly #isStaged: boolean;

  /** @param isStaged whether what is counted may yet be dropped. */
  constructor(isStaged: boolean) {
    this.#isStaged = isStaged;
  }

  readonly count = (name: string, by = 1): void => {
    if (this.#isStaged) this.#pending.push([name, by]);
    else this.#add(name, by);
  };

  keep(): void {
    for (const [name, by] of this.#pending) this.#add(name, by);
    this.#pending.length = 0;
  }

  drop(): void {
    this.#pending.length = 0;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  #add(name: string, by: number): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
  }
}
