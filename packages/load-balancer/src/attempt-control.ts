/**
 * The retry and hedging policy without `execute`'s promises, for drivers that run their attempts
 * themselves and must cost next to nothing where all goes well (`./undici`). Shares its budget with
 * `execute`. Whether a request may be sent twice is for the driver to know.
 */
export interface AttemptControl {
  /** A first attempt begins: earns the budget its share of a retry. */
  begin(): void;
  /**
   * Takes attempt `number` (2 or more) out of the budget. Returns the milliseconds to wait before it
   * (0 or more); undefined when the budget, or the most attempts of a request, does not allow it.
   */
  retry(number: number): number | undefined;
  /** Milliseconds without an answer after which to hedge; undefined when hedging is off. */
  hedgeDelayMs(): number | undefined;
  /** Takes attempt `number` (2 or more), a hedge to be sent now, out of the budget, if it is in it. */
  hedge(number: number): boolean;
  /** A hedge has answered first; for the metrics. */
  hedgeWon(): void;
}
