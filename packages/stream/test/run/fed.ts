import type { Source } from "../../src/index.ts";

/** A source that is fed by hand. */
export class Fed<T> implements Source<T> {
  taken = 0;
  readonly #batches: (readonly T[])[] = [];
  #wake: () => void = () => {};
  #isEnded = false;
  feed(...records: readonly T[]): void {
    this.#batches.push(records);
    this.#wake();
  }
  end(): void {
    this.#isEnded = true;
    this.#wake();
  }
  async *open(): AsyncGenerator<{ records: readonly T[]; position: number }> {
    for (;;) {
      const records = this.#batches.shift();
      if (records) yield { records, position: ++this.taken };
      else if (this.#isEnded) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
