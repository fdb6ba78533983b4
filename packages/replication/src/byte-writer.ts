/** Writes fields one after the other: numbers as 64-bit floats (exact up to 2^53), little end first. */
export class ByteWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(length: number) {
    this.#bytes = new Uint8Array(length);
    this.#view = new DataView(this.#bytes.buffer);
  }

  byte(value: number): this {
    this.#bytes[this.#at++] = value;
    return this;
  }

  number(value: number): this {
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes;
  }
}
