/**
 * A stream of bytes both ways, in order and without loss. Chunk borders mean nothing. Both sides
 * have a bounded window: whoever reads slowly makes the other side's `write` wait.
 */
export interface TransportStream extends AsyncIterable<Uint8Array> {
  /**
   * Queues a chunk. Resolves when there is room for the next one, which does not say that the other
   * side read it.
   *
   * @throws {TransportError} `stream-reset` when either side reset it or the connection was lost.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** No more writes from this side; the other side's iteration ends after the last chunk. */
  end(): Promise<void>;
  /** Gives the stream up both ways; what was not read is lost. The other side gets `stream-reset`. */
  reset(reason: string): void;
}
