const PAGE_BYTES = 4_096;

/** A file's bytes; what was never written costs no memory and reads as zeros. */
export class SparseContent {
  readonly #pages = new Map<number, Uint8Array>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Bytes that take up space. */
  get usedBytes(): number {
    return this.#pages.size * PAGE_BYTES;
  }

  /** Fills `into`; returns how many bytes there were. */
  read(into: Uint8Array, position: number): number {
    const count = Math.max(0, Math.min(into.length, this.#size - position));
    for (let at = 0; at < count;) {
      const offset = (position + at) % PAGE_BYTES;
      const length = Math.min(count - at, PAGE_BYTES - offset);
      const page = this.#pages.get((position + at - offset) / PAGE_BYTES);
      if (page) into.set(page.subarray(offset, offset + length), at);
      else into.fill(0, at, at + length);
      at += length;
    }
    return count;
  }

  write(bytes: Uint8Array, position: number): void {
    for (let at = 0; at < bytes.length;) {
      const offset = (position + at) % PAGE_BYTES;
      const length = Math.min(bytes.length - at, PAGE_BYTES - offset);
      this.#page((position + at - offset) / PAGE_BYTES).set(
        bytes.subarray(at, at + length),
        offset,
      );
      at += length;
    }
    this.#size = Math.max(this.#size, position + bytes.length);
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const last = Math.floor(size / PAGE_BYTES);
      for (const number of [...this.#pages.keys()]) if (number > last) this.#pages.delete(number);
      // Bytes beyond the end must read as zeros if the file grows again.
      this.#pages.get(last)?.fill(0, size % PAGE_BYTES);
    }
    this.#size = size;
  }

  become(other: SparseContent): void {
    this.#pages.clear();
    for (const [number, page] of other.#pages) this.#pages.set(number, page.slice());
    this.#size = other.#size;
  }

  /** Turns over one bit; has no effect beyond the end. */
  flipBit(position: number, bit: number): void {
    if (position >= this.#size) return;
    const page = this.#page(Math.floor(position / PAGE_BYTES));
    page[position % PAGE_BYTES]! ^= 1 << bit;
  }

  #page(number: number): Uint8Array {
    const known = this.#pages.get(number);
    if (known) return known;
    const made = new Uint8Array(PAGE_BYTES);
    this.#pages.set(number, made);
    return made;
  }
}
