/** A running hash of 64 bits over numbers and strings; equal inputs in equal order, equal hash. */
export class TraceHash {
  readonly #float = new Float64Array(1);
  readonly #words = new Int32Array(this.#float.buffer);
  #high = 0x9e3779b9 | 0;
  #low = 0x243f6a88 | 0;

  addNumber(value: number): void {
    this.#float[0] = value;
    this.#mix(this.#words[0]!);
    this.#mix(this.#words[1]!);
  }

  addText(text: string): void {
    let hash = text.length;
    for (let at = 0; at < text.length; at++)
      hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.#mix(hash);
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return hex(this.#high) + hex(this.#low);
  }

  // Two lanes of MurmurHash3's block step with different constants.
  #mix(word: number): void {
    const high = this.#high ^ Math.imul(word, 0xcc9e2d51);
    this.#high = (Math.imul((high << 13) | (high >>> 19), 5) + 0xe6546b64) | 0;
    const low = this.#low ^ Math.imul(word, 0x1b873593);
    this.#low = (Math.imul((low << 15) | (low >>> 17), 9) + 0x561ccd1b) | 0;
  }
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}
