/** What a store promises to those who lock with it. Says nothing about how fast it is. */
export interface Guarantees {
  /**
   * Tokens strictly grow in each queue for as long as the store lives, failovers included: a resource
   * that refuses old ones is safe whatever the clocks do.
   */
  readonly fencing: boolean;
  /** Contenders are served in the order in which they joined. */
  readonly fifo: boolean;
  /** What was acknowledged survives the loss of any minority of the store's machines. */
  readonly quorum: boolean;
  /**
   * Two may hold at once when the store's wall clock jumps. (That clocks must run at about the same
   * rate for a lock to be exclusive without a fenced resource is so with any store.)
   */
  readonly clockDependent: boolean;
}
