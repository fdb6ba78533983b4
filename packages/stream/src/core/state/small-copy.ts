/** Beyond these a copy saves little over encoding: the codec's work outweighs that of calling it. */
const MAX_OBJECTS = 16;
const MAX_VALUES = 128;
const MAX_BYTES = 4_096;

/** Makes deep copies of plain data, if it is small; one after the other. */
export class SmallCopies {
  readonly #objects: object[] = [];
  #values = 0;
  #isWhole = true;

  /**
   * Of plain objects, arrays, maps and bytes. Undefined if that is much, or has anything else in it, or
   * one object at two places, which a copy would make two.
   */
  of(values: readonly unknown[]): readonly unknown[] | undefined {
    this.#objects.length = 0;
    this.#values = 0;
    this.#isWhole = true;
    const copy = this.#copyOfArray(values);
    return this.#isWhole ? copy : undefined;
  }

  #copyOf(value: unknown): unknown {
    if (typeof value !== "object" || value === null) {
      if (typeof value === "function") this.#isWhole = false;
      return value;
    }
    const objects = this.#objects;
    if (objects.length === MAX_OBJECTS || objects.includes(value)) return this.#giveUp();
    objects.push(value);
    if (Array.isArray(value)) {
      const isPlain = value.length <= MAX_VALUES && Object.keys(value).length === value.length;
      return isPlain ? this.#copyOfArray(value) : this.#giveUp();
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Object.prototype) return this.#copyOfRecord(value);
    if (prototype === Map.prototype) return this.#copyOfMap(value as Map<unknown, unknown>);
    const isBytes = prototype === Uint8Array.prototype;
    if (!isBytes || (value as Uint8Array).length > MAX_BYTES) return this.#giveUp();
    return (value as Uint8Array).slice();
  }

  #copyOfArray(values: readonly unknown[]): readonly unknown[] {
    const copy = values.slice();
    this.#count(copy.length);
    for (let at = 0; this.#isWhole && at < copy.length; at++) copy[at] = this.#copyOf(copy[at]);
    return copy;
  }

  #copyOfRecord(record: object): unknown {
    const copy: Record<string, unknown> = { ...record };
    for (const name in copy) {
      this.#count(1);
      if (!this.#isWhole) break;
      const value = copy[name];
      if (typeof value === "object" || typeof value === "function")
        copy[name] = this.#copyOf(value);
    }
    return copy;
  }

  #copyOfMap(map: ReadonlyMap<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>();
    this.#count(map.size);
    if (!this.#isWhole) return undefined;
    for (const [key, value] of map) copy.set(this.#copyOf(key), this.#copyOf(value));
    return copy;
  }

  #count(values: number): void {
    this.#values += values;
    if (this.#values > MAX_VALUES) this.#isWhole = false;
  }

  #giveUp(): undefined {
    this.#isWhole = false;
  }
}
