/** So many keys are looked up together. */
export const STAGED_KEYS = 64;
const FIRST_WORDS = 1_024;

/**
 * Keys on their way into a table, as pairs of words of four bytes with zeros after the end, and their
 * hashes. Looked up one by one, each would wait for memory twice; looked up together, they wait
 * together.
 */
export class StagedKeys {
  /** The keys, one after the other; replaced by a larger array where one needs it. */
  words: Uint32Array = new Uint32Array(FIRST_WORDS);
  /** Where in `words` each key begins. */
  readonly starts: Int32Array = new Int32Array(STAGED_KEYS);
  /** Bytes of each key. */
  readonly lengths: Int32Array = new Int32Array(STAGED_KEYS);
  readonly hashes: Int32Array = new Int32Array(STAGED_KEYS);
  count = 0;
  #used = 0;

  clear(): void {
    this.count = 0;
    this.#used = 0;
  }

  /**
   * Copies and hashes a key; there must be room for one more. The hash is this table's alone, so it is
   * a cheaper one than `hashBytes`, which decides partitions: multiplicative, as Knuth's (The Art of
   * Computer Programming, volume 3, section 6.4).
   */
  add(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start;
    if (this.#used + (length >>> 2) + 2 > this.words.length) this.#grow(length);
    const { words, count } = this;
    let to = this.#used;
    this.starts[count] = to;
    this.lengths[count] = length;
    let hash = length;
    let at = start;
    for (; at + 4 <= end; at += 4) {
      const block =
        bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
      words[to++] = block;
      hash = Math.imul(hash ^ block, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    let tail = 0;
    for (let last = end - 1; last >= at; last--) tail = (tail << 8) | bytes[last]!;
    words[to++] = tail;
    hash = Math.imul(hash ^ tail, 0x85ebca6b);
    if ((to - this.#used) & 1) words[to++] = 0;
    this.hashes[count] = hash ^ (hash >>> 13);
    this.#used = to;
    this.count = count + 1;
  }

  #grow(length: number): void {
    const larger = new Uint32Array(2 * this.words.length + (length >>> 2) + 2);
    larger.set(this.words.subarray(0, this.#used));
    this.words = larger;
  }
}
