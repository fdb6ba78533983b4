import { TransportError } from "../transport-error.ts";
import { HEADER_BYTES } from "./frame-header.ts";

export type FrameListener = (kind: number, number: number, id: number, payload: Uint8Array) => void;

/**
 * Cuts a stream of bytes into frames. A payload that lies within one chunk is a view of it; only one
 * that spans chunks is copied, once.
 */
export class FrameDecoder {
  readonly #maxPayloadBytes: number;
  readonly #onFrame: FrameListener;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #payload: Uint8Array | undefined;
  #payloadBytes = 0;

  constructor(maxPayloadBytes: number, onFrame: FrameListener) {
    this.#maxPayloadBytes = maxPayloadBytes;
    this.#onFrame = onFrame;
  }

  /**
   * Takes the next bytes, and gives out each frame that they complete. They must not change later.
   *
   * @throws {TransportError} `protocol-violation`; the decoder is of no use any more.
   */
  push(chunk: Uint8Array): void {
    let at = this.#headerBytes > 0 ? this.#resume(chunk) : 0;
    while (chunk.length - at >= HEADER_BYTES) {
      const start = at + HEADER_BYTES;
      const length = this.#payloadLength(chunk, at);
      if (chunk.length - start < length) break;
      // Not `subarray`: of a Buffer it makes a Buffer, whose `slice` does not copy.
      const payload = new Uint8Array(chunk.buffer, chunk.byteOffset + start, length);
      this.#emit(chunk, at, payload);
      at = start + length;
    }
    if (at < chunk.length) this.#collect(chunk, at);
  }

  /** Completes the frame that earlier chunks began; returns where the next one starts. */
  #resume(chunk: Uint8Array): number {
    const at = this.#collect(chunk, 0);
    if (!this.#payload || this.#payloadBytes < this.#payload.length) return at;
    const payload = this.#payload;
    this.#headerBytes = 0;
    this.#payload = undefined;
    this.#emit(this.#header, 0, payload);
    return at;
  }

  /** Takes what belongs to the frame that is being collected; returns what lies behind it. */
  #collect(chunk: Uint8Array, from: number): number {
    let at = from;
    if (!this.#payload) {
      const missing = HEADER_BYTES - this.#headerBytes;
      const part = chunk.subarray(at, at + missing);
      this.#header.set(part, this.#headerBytes);
      this.#headerBytes += part.length;
      at += part.length;
      if (this.#headerBytes < HEADER_BYTES) return at;
      this.#payload = new Uint8Array(this.#payloadLength(this.#header, 0));
      this.#payloadBytes = 0;
    }
    const part = chunk.subarray(at, at + this.#payload.length - this.#payloadBytes);
    this.#payload.set(part, this.#payloadBytes);
    this.#payloadBytes += part.length;
    return at + part.length;
  }

  #payloadLength(bytes: Uint8Array, at: number): number {
    const length = uint32(bytes, at);
    if (length <= this.#maxPayloadBytes) return length;
    const message = `a frame of ${length} bytes, above ${this.#maxPayloadBytes}`;
    throw new TransportError("protocol-violation", message);
  }

  #emit(header: Uint8Array, at: number, payload: Uint8Array): void {
    const kind = header[at + 4] as number;
    const number = (header[at + 6] as number) | ((header[at + 7] as number) << 8);
    this.#onFrame(kind, number, uint32(header, at + 8), payload);
  }
}

function uint32(bytes: Uint8Array, at: number): number {
  const high = (bytes[at + 3] as number) << 24;
  const rest = ((bytes[at + 2] as number) << 16) | ((bytes[at + 1] as number) << 8);
  return (high | rest | (bytes[at] as number)) >>> 0;
}
