/**
 * Who proposes, and its how-manieth command this is: with it, a command that is proposed again is
 * applied once, and answered with the result of its first application.
 *
 * Source: D. Ongaro, "Consensus: Bridging Theory and Practice" (2014), §6.3.
 */
export interface SessionCommand {
  /** As `ReplicatedLog.openSession` gave it. */
  readonly sessionId: number;
  /** Counts the session's commands from 1. A retry carries the number of its first try. */
  readonly sequence: number;
  /**
   * All sequence numbers below this one have been answered, and will not be asked for again: their
   * results may be forgotten.
   */
  readonly answeredBelow: number;
}
