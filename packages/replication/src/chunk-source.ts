import { ReplicationError } from "./replication-error.ts";

/** Far above what anybody keeps of sessions: what claims to be longer is damaged. */
const MAX_TAKEN_BYTES = 2 ** 31;

/** Reads a sequence of chunks as one run of bytes. */
export class ChunkSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #left: Uint8Array = new Uint8Array(0);

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /**
   * The next `length` bytes.
   *
   * @throws {ReplicationError} `corrupt` when there are not so many, or when there never can be.
   */
  async take(length: number): Promise<Uint8Array> {
    if (!(Number.isInteger(length) && length >= 0 && length <= MAX_TAKEN_BYTES)) {
      throw new ReplicationError("corrupt", `a part of a snapshot has ${length} bytes`);
    }
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (this.#left.length === 0) await this.#next(length - filled);
      const part = this.#left.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#left = this.#left.subarray(part.length);
    }
    return taken;
  }

  /** All that follows. */
  async *rest(): AsyncIterable<Uint8Array> {
    if (this.#left.length > 0) yield this.#left;
    for (;;) {
      const { done, value } = await this.#chunks.next();
      if (done) return;
      yield value;
    }
  }

  async #next(missing: number): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) throw new ReplicationError("corrupt", `a snapshot ends ${missing} bytes too early`);
    this.#left = value;
  }
}
