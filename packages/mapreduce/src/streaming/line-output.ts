import { once } from "node:events";
import type { Writable } from "node:stream";
import { ByteSink } from "../codec/byte-sink.ts";

/** Collected before it is written on: few writes, and little that must wait. */
const FLUSH_BYTES = 256 * 1_024;

/**
 * Standard output: what synchronous code appends to `lines` is written on between two of its calls,
 * no faster than the reader takes it.
 */
export class LineOutput {
  readonly lines: ByteSink = new ByteSink(2 * FLUSH_BYTES);
  readonly #stream: Writable;
  #failure: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", this.#fail);
  }

  /** Whether `flush` is due. */
  get isFull(): boolean {
    return this.lines.length >= FLUSH_BYTES;
  }

  /** Resolves when more may be appended. @throws what the stream failed with, `EPIPE` say. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.lines.length === 0) return;
    const bytes = Buffer.from(this.lines.bytes.subarray(0, this.lines.length));
    this.lines.length = 0;
    if (!this.#stream.write(bytes)) await once(this.#stream, "drain");
  }

  /** Resolves when all is handed to the system. The stream stays open: it is the process's. */
  async end(): Promise<void> {
    await this.flush();
    await new Promise<void>((resolve, reject) => {
      this.#stream.write("", (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.#stream.off("error", this.#fail);
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error;
  };
}
