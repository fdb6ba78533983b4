import { ReplicationError } from "./replication-error.ts";

/**
 * Reads what a `ByteWriter` wrote.
 *
 * @throws {ReplicationError} `corrupt` past the end.
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
    return this.#view.getFloat64(this.#advance(8), true);
  }

  bytes(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** All that is left; shares the memory. */
  rest(): Uint8Array {
    return this.#bytes.subarray(this.#at);
  }

  #advance(length: number): number {
    const at = this.#at;
    this.#at += length;
    if (this.#at <= this.#bytes.length) return at;
    throw new ReplicationError(
      "corrupt",
      `${this.#bytes.length} bytes end before byte ${this.#at}`,
    );
  }
}
