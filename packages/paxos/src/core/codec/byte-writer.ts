const FIRST_BYTES = 128;
const MAX_NAME_BYTES = 255;

/** Writes fields one after the other, little end first, into memory that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  byte(value: number): this {
    this.#bytes[this.#room(1)] = value;
    return this;
  }

  /** A whole number from 0 to 2^53 − 1, as a 64-bit float. */
  number(value: number): this {
    this.#view.setFloat64(this.#room(8), value, true);
    return this;
  }

  /** A name of up to 255 bytes of UTF-8, its length first. */
  name(value: string): this {
    const at = this.#room(1 + MAX_NAME_BYTES);
    const { written } = new TextEncoder().encodeInto(value, this.#bytes.subarray(at + 1, this.#at));
    this.#bytes[at] = written;
    this.#at = at + 1 + written;
    return this;
  }

  /** Bytes, their length first, in 32 bits. */
  bytes(value: Uint8Array): this {
    const at = this.#room(4 + value.length);
    this.#view.setUint32(at, value.length, true);
    this.#bytes.set(value, at + 4);
    return this;
  }

  /** What was written; the writer is to be used no more. */
  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Makes room and returns where it begins. */
  #room(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#at, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}
