/** A lease, and when to look at it. */
export interface Due {
  readonly id: number;
  readonly atMs: number;
}

/** A binary heap, the earliest first. */
export class DeadlineHeap {
  readonly #all: Due[] = [];

  get first(): Due | undefined {
    return this.#all[0];
  }

  push(due: Due): void {
    let at = this.#all.push(due) - 1;
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (this.#all[parent]!.atMs <= due.atMs) break;
      this.#all[at] = this.#all[parent]!;
      at = parent;
    }
    this.#all[at] = due;
  }

  pop(): Due | undefined {
    const first = this.#all[0];
    const last = this.#all.pop();
    if (first && last && this.#all.length > 0) this.#sink(last);
    return first;
  }

  clear(): void {
    this.#all.length = 0;
  }

  /** Puts `due` into the place of the first, and from there to where it belongs. */
  #sink(due: Due): void {
    const { length } = this.#all;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#all[child + 1]!.atMs < this.#all[child]!.atMs) child++;
      if (this.#all[child]!.atMs >= due.atMs) break;
      this.#all[at] = this.#all[child]!;
      at = child;
    }
    this.#all[at] = due;
  }
}
