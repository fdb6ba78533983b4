const SLAB_BYTES = 8_192;
/** From here on a value has memory of its own. */
const LARGE_BYTES = 2_048;

/**
 * Copies of small values, side by side in pieces of memory: one of its own for each would cost more
 * than all the rest of a message. A value that is kept for long keeps 8 KiB, with its neighbours, which
 * came at about the same time.
 */
export class ValueSlab {
  #slab = new Uint8Array(SLAB_BYTES);
  #used = 0;

  copy(value: Uint8Array): Uint8Array {
    const { length } = value;
    if (length >= LARGE_BYTES) return value.slice();
    if (this.#used + length > SLAB_BYTES) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = this.#slab.subarray(this.#used, this.#used + length);
    copy.set(value);
    this.#used += length;
    return copy;
  }
}
