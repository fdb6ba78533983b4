const FIRST_BYTES = 128;
const MAX_NAME_BYTES = 255;
const ENCODER = new TextEncoder();
/** Up to here a loop over ASCII takes less time than a `TextEncoder`. */
const SHORT_CHARACTERS = 32;
/** Of UTF-8, for a character of UTF-16. */
const MAX_BYTES_PER_CHARACTER = 3;

/** Writes fields one after the other, little end first, into memory that grows. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  byte(value: number): this {
    const at = this.#room(1);
    this.#bytes[at] = value;
    return this;
  }

  /** A whole number from 0 to 2^53 − 1, as a 64-bit float. */
  number(value: number): this {
    const at = this.#room(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** A name of up to 255 bytes of UTF-8, its length first. */
  name(value: string): this {
    const at = this.#room(1 + MAX_NAME_BYTES);
    const written = encodeText(value, this.#bytes, at + 1, at + 1 + MAX_NAME_BYTES);
    this.#bytes[at] = written;
    this.#at = at + 1 + written;
    return this;
  }

  /** A text of any length, as UTF-8, its length first, in 32 bits. */
  text(value: string): this {
    const at = this.#room(4 + MAX_BYTES_PER_CHARACTER * value.length);
    const written = encodeText(value, this.#bytes, at + 4, this.#at);
    this.#view.setUint32(at, written, true);
    this.#at = at + 4 + written;
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** Forgets what was written from `length` on. */
  cutTo(length: number): void {
    this.#at = Math.min(this.#at, length);
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
    return this.since(0);
  }

  /** What was written from `start` on, in the writer's own memory: until `cutTo` goes below it. */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
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

/** Returns the bytes written from `start` on; what does not fit before `end` is left out. */
function encodeText(value: string, into: Uint8Array, start: number, end: number): number {
  if (value.length <= SHORT_CHARACTERS && isAscii(value)) {
    for (let at = 0; at < value.length; at++) into[start + at] = value.charCodeAt(at);
    return value.length;
  }
  return ENCODER.encodeInto(value, into.subarray(start, end)).written;
}

function isAscii(value: string): boolean {
  for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) >= 0x80) return false;
  return true;
}
