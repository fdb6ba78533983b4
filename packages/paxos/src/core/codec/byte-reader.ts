import { PaxosError } from "../../paxos-error.ts";

const DECODER = new TextDecoder();
/** Up to here a loop over ASCII takes a quarter of a `TextDecoder`'s time. */
const SHORT_BYTES = 32;

/**
 * Reads what a `ByteWriter` wrote, from wherever it comes.
 *
 * @throws {PaxosError} `malformed` past the end, and for what no writer writes.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  byte(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  number(): number {
    const number = this.#view.getFloat64(this.#advance(8), true);
    // As a small integer, a number takes no memory of its own in whatever keeps it.
    const small = number | 0;
    if (small === number && small >= 0) return small;
    if (Number.isSafeInteger(number) && number >= 0) return number;
    throw new PaxosError("malformed", `${number} is not a whole number from 0`);
  }

  name(): string {
    return this.#text(this.byte());
  }

  /** A text of any length. */
  text(): string {
    return this.#text(this.#length());
  }

  /** Whether all was read. */
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Shares the memory. */
  bytes(): Uint8Array {
    const length = this.#length();
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** To be called after the last field: there must be nothing more. */
  end(): void {
    const left = this.#bytes.length - this.#at;
    if (left > 0) throw new PaxosError("malformed", `${left} bytes follow the last field`);
  }

  #length(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  #text(length: number): string {
    const start = this.#advance(length);
    const end = start + length;
    if (length > SHORT_BYTES) return DECODER.decode(this.#bytes.subarray(start, end));
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at]!;
      if (byte >= 0x80) return DECODER.decode(this.#bytes.subarray(start, end));
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #advance(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at <= this.#bytes.length) return at;
    throw new PaxosError("malformed", `${this.#bytes.length} bytes end before byte ${this.#at}`);
  }
}
