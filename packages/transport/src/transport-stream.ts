/**
 * A stream of bytes both ways, in order and without loss. Chunk borders mean nothing. Both sides
 * have a bounded window: whoever reads slowly makes the other side's `write` wait. A loop over it that
 * is left early leaves the stream as it is: another one reads on.
 */
export interface TransportStream extends AsyncIterable<Uint8Array> {
  /**
   * Queues a chunk. Resolves when all of it has left for the other side's window, so that there is
   * room for the next one; that does not say that the other side read it. Await one write before the
   * next: only so does the writer wait for the reader.
   *
   * @throws {TransportError} `stream-reset` when either side reset it, this side ended it or the
   * connection was lost; `overloaded` when 1,024 writes wait already: nothing of it was sent.
   */
  write(chunk: Uint8Array): Promise<void>;
  /** No more writes from this side; the other side's iteration ends after the last chunk. */
  end(): Promise<void>;
  /** Gives the stream up both ways; what was not read is lost. The other side gets `stream-reset`. */
  reset(reason: string): void;
}
