/**
 * Chunks that a stream brings by itself, up to a bound: at it, the stream is not read, so its own
 * backpressure goes to whoever writes. What came meanwhile is taken at once, as one batch.
 */
export class ChunkQueue<C> {
  readonly #maxChunks: number;
  #chunks: C[] = [];
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #changed: () => void = () => {};
  #taken: () => void = () => {};

  constructor(maxChunks: number) {
    this.#maxChunks = maxChunks;
  }

  /** Reads all chunks, as fast as they are taken. Never rejects: `take` does. */
  async fill(chunks: AsyncIterable<C> | Iterable<C>): Promise<void> {
    try {
      for await (const chunk of chunks) {
        this.#chunks.push(chunk);
        this.#changed();
        while (this.#chunks.length >= this.#maxChunks) {
          await new Promise<void>((resolve) => (this.#taken = resolve));
        }
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#isOver = true;
    this.#changed();
  }

  /** All that is there, once anything is; undefined at the end, or once `signal` aborts. */
  async take(signal: AbortSignal): Promise<readonly C[] | undefined> {
    while (this.#chunks.length === 0) {
      if (this.#failure) throw this.#failure.error;
      if (this.#isOver || signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#changed = () => {
          signal.removeEventListener("abort", this.#changed);
          resolve();
        };
        signal.addEventListener("abort", this.#changed);
      });
    }
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#taken();
    return chunks;
  }
}
