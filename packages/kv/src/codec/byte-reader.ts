import { asBuffer, type ByteString } from "../byte-string.ts";
import { KvError } from "../kv-error.ts";

/** Reads what `ByteWriter` wrote. Throws `malformed` where there is anything else. */
export class ByteReader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#buffer = asBuffer(bytes);
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  byte(): number {
    const byte = this.#buffer[this.#at++];
    if (byte === undefined) throw malformed("it ends too early");
    return byte;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let weight = 1;
    do {
      byte = this.byte();
      weight *= 128;
      value += (byte & 0x7f) * weight;
      if (value > Number.MAX_SAFE_INTEGER) throw malformed("a number is above 2^53 - 1");
    } while (byte >= 0x80);
    // One number has one encoding, so that equal commands are equal bytes.
    if (byte === 0) throw malformed("a number has a needless byte");
    return value;
  }

  uint32(): number {
    this.#require(4);
    this.#at += 4;
    return this.#buffer.readUInt32LE(this.#at - 4);
  }

  /** How many things follow, each of at least one byte: so never more than there are bytes. */
  count(): number {
    const count = this.varint();
    this.#require(count);
    return count;
  }

  byteString(): ByteString {
    const start = this.#skip(this.varint());
    return this.#buffer.toString("latin1", start, this.#at);
  }

  /** A view on the message's own memory. */
  bytes(): Uint8Array {
    const start = this.#skip(this.varint());
    return this.#buffer.subarray(start, this.#at);
  }

  utf8(): string {
    const start = this.#skip(this.varint());
    return this.#buffer.toString("utf8", start, this.#at);
  }

  /** A number that stands for one of `names`. */
  oneOf<T>(names: readonly T[]): T {
    const name = names[this.byte()];
    if (name === undefined) throw malformed("a number stands for nothing");
    return name;
  }

  /** A view on all that is left. */
  rest(): Uint8Array {
    const start = this.#skip(this.remaining);
    return this.#buffer.subarray(start, this.#at);
  }

  /** There must be nothing left. */
  end(): void {
    if (this.remaining !== 0) throw malformed(`${this.remaining} bytes are left over`);
  }

  #skip(bytes: number): number {
    this.#require(bytes);
    const start = this.#at;
    this.#at += bytes;
    return start;
  }

  #require(bytes: number): void {
    if (bytes > this.remaining) throw malformed("it ends too early");
  }
}

export function malformed(why: string): KvError {
  return new KvError("malformed", `not a message of this package: ${why}`);
}
