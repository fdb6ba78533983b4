import { ByteSink } from "../codec/byte-sink.ts";
import { unescapeField } from "./line-escape.ts";

/** Tells where the key of sorted lines changes, by its bytes in the line. */
export class SameKey {
  readonly #key = new ByteSink();
  isStarted = false;

  start(bytes: Uint8Array, start: number, end: number): void {
    this.#key.length = 0;
    this.#key.append(bytes, start, end);
    this.isStarted = true;
  }

  has(bytes: Uint8Array, start: number, end: number): boolean {
    const { bytes: key, length } = this.#key;
    if (!this.isStarted || length !== end - start) return false;
    for (let index = 0; index < length; index++) {
      if (key[index] !== bytes[start + index]) return false;
    }
    return true;
  }

  /** Appends the bytes that the key stands for. */
  readKey(into: ByteSink): void {
    unescapeField(this.#key.bytes, 0, this.#key.length, into);
  }
}
