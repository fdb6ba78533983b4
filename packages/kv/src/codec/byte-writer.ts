import type { ByteString, BytesLike } from "../byte-string.ts";
import { type CommandErrorCode, KvError } from "../kv-error.ts";

const INITIAL_BYTES = 4_096;

/** A buffer that one large result has grown beyond this is given back. */
const KEPT_BYTES = 1_048_576;

/** From this size on a message is not copied out of the buffer. */
const HANDED_BYTES = 65_536;

/** Up to this length a string is copied faster here than by a call into Node; its length is one byte. */
const SHORT_CHARACTERS = 32;

/** Up to this size V8 keeps a `Uint8Array` in its own heap, and `slice` is the fastest copy. */
const SMALL_BYTES = 64;

/** Writes bytes one after the other into a buffer that it keeps for the next message. */
export class ByteWriter {
  readonly #maxBytes: number;
  readonly #overflow: CommandErrorCode;
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #at = 0;

  /**
   * A message above `maxBytes` (at least 4 KiB) throws `overflow`, and perhaps one that is up to
   * seven bytes smaller.
   */
  constructor(maxBytes: number, overflow: CommandErrorCode) {
    this.#maxBytes = maxBytes;
    this.#overflow = overflow;
  }

  /** How many bytes of this message there are. */
  get length(): number {
    return this.#at;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, lowest first (LEB128). */
  varint(value: number): void {
    this.#reserve(8);
    this.#addVarint(value);
  }

  #addVarint(value: number): void {
    let rest = value;
    for (; rest >= 2 ** 31; rest = Math.floor(rest / 128)) {
      this.#buffer[this.#at++] = (rest % 128) | 0x80;
    }
    for (; rest >= 0x80; rest >>>= 7) this.#buffer[this.#at++] = (rest & 0x7f) | 0x80;
    this.#buffer[this.#at++] = rest;
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.#at = this.#buffer.writeUInt32LE(value, this.#at);
  }

  /** Its length, then itself. */
  byteString(bytes: ByteString): void {
    const { length } = bytes;
    this.#reserve(8 + length);
    this.#addVarint(length);
    if (length > SHORT_CHARACTERS) this.#at += this.#buffer.write(bytes, this.#at, "latin1");
    else for (let at = 0; at < length; at++) this.#buffer[this.#at++] = bytes.charCodeAt(at);
  }

  /** Their length, then themselves; a string as its UTF-8. */
  bytes(bytes: BytesLike): void {
    if (typeof bytes === "string" && this.#addAscii(bytes)) return;
    const length = typeof bytes === "string" ? Buffer.byteLength(bytes) : bytes.length;
    this.varint(length);
    this.#reserve(length);
    if (typeof bytes === "string") this.#buffer.write(bytes, this.#at, "utf8");
    else this.#buffer.set(bytes, this.#at);
    this.#at += length;
  }

  /** False, and nothing added, where it is long or is not ASCII. */
  #addAscii(text: string): boolean {
    const { length } = text;
    if (length > SHORT_CHARACTERS) return false;
    this.#reserve(1 + length);
    for (let at = 0; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 0x80) return false;
      this.#buffer[this.#at + 1 + at] = code;
    }
    this.#buffer[this.#at] = length;
    this.#at += 1 + length;
    return true;
  }

  /** Themselves, without their length. */
  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /**
   * What `write` writes, as a message in memory of its own. When `write` throws, nothing is left of
   * the message.
   */
  message(write: (writer: ByteWriter) => void): Uint8Array {
    try {
      write(this);
      return this.#at < HANDED_BYTES || this.#at * 2 < this.#buffer.length
        ? copyOf(this.#buffer, this.#at)
        : this.#handOver();
    } finally {
      this.#reset();
    }
  }

  /** The buffer itself, of which at most half is unused, is the message; the next one has another. */
  #handOver(): Uint8Array {
    const message = this.#buffer.subarray(0, this.#at);
    this.#buffer = Buffer.allocUnsafeSlow(this.#buffer.length);
    return message;
  }

  #reset(): void {
    this.#at = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  }

  #reserve(bytes: number): void {
    const needed = this.#at + bytes;
    if (needed <= this.#buffer.length) return;
    if (needed > this.#maxBytes) {
      throw new KvError(this.#overflow, `a message is above ${this.#maxBytes} bytes`);
    }
    // Never above the limit, so that what is refused does not depend on earlier messages.
    const doubled = Math.min(2 * this.#buffer.length, this.#maxBytes);
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, doubled));
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

function copyOf(buffer: Buffer, length: number): Uint8Array {
  if (length <= SMALL_BYTES) return Uint8Array.prototype.slice.call(buffer, 0, length);
  const copy = Buffer.allocUnsafe(length);
  buffer.copy(copy, 0, 0, length);
  return copy;
}
