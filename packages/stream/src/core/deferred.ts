/**
 * What an operator waits for outside of its chain. The chain is synchronous, so whoever drives it asks:
 * it flushes between batches, never within one nor between a barrier and the end of its checkpoint.
 */
export interface Deferred {
  /** Records that were taken in and not handed on yet. */
  readonly size: number;
  /** As many calls are in flight as may be: no batch may be pushed before a flush made room. */
  readonly isFull: boolean;
  /** Resolves once a flush has something to do, or something failed. */
  ready(): PromiseLike<void>;
  /**
   * Hands on what is complete.
   *
   * @throws what a call failed with
   */
  flush(): void;
}
