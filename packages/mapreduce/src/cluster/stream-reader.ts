import { type Clock, type Timer } from "@quorate/runtime";
import type { TransportStream } from "@quorate/transport";
import { decode, encode } from "./json-bytes.ts";

/** The end of a stream came before it was due. */
export class StreamCut extends Error {
  override readonly name = "StreamCut";
}

/** Reads a stream by counts of bytes. Gives it up when nothing comes for too long. */
export class StreamReader {
  readonly #stream: TransportStream;
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #rest: Uint8Array = new Uint8Array();

  constructor(stream: TransportStream, clock: Clock, timeoutMs: number) {
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /** The next `count` bytes, in the pieces in which they come. @throws {StreamCut} */
  async *read(count: number): AsyncGenerator<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  /** A value that stands behind its length. @throws {StreamCut} also when it is above `maxBytes`. */
  async readValue(maxBytes: number): Promise<unknown> {
    const head = await this.#take(4);
    const length = new DataView(head.buffer).getUint32(0);
    if (length > maxBytes) throw new StreamCut(`a value of ${length} bytes`);
    return decode(await this.#take(length));
  }

  async #take(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let at = 0;
    for await (const piece of this.read(count)) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  async #next(): Promise<Uint8Array> {
    const late: Timer = this.#clock.setTimer(this.#timeoutMs, () => {
      this.#stream.reset(`nothing came for ${this.#timeoutMs} ms`);
    });
    try {
      const { done, value } = await this.#chunks.next();
      if (done) throw new StreamCut("the stream has ended");
      return value;
    } finally {
      late.cancel();
    }
  }
}

/** For `readValue`. */
export function lengthAndValue(value: object): Uint8Array {
  const text = encode(value);
  const bytes = new Uint8Array(4 + text.length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, 4);
  return bytes;
}
