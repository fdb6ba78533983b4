/** Hands the newest value to one reader; one that was not taken in time is passed over. */
export class Latest<T> {
  #value: { readonly value: T } | undefined;
  #end: { readonly error: unknown } | "ended" | undefined;
  #wake: () => void = () => {};

  set(value: T): void {
    this.#value = { value };
    this.#wake();
  }

  /** The reader gets what is there still, and then this. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  end(): void {
    this.#end ??= "ended";
    this.#wake();
  }

  /** Undefined at the end. @throws what it failed by. */
  async next(): Promise<{ readonly value: T } | undefined> {
    for (;;) {
      const value = this.#value;
      this.#value = undefined;
      if (value) return value;
      if (this.#end === "ended") return undefined;
      if (this.#end) throw this.#end.error;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
