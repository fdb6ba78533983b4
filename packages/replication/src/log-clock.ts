import type { Clock } from "@quorate/runtime";

/**
 * The log's own time, as a leader stamps it: goes on from the latest time in the log by the leader's
 * monotonic clock. No wall clock is asked, so one that jumps expires no session; while nobody leads,
 * log time stands still.
 *
 * Source: D. Ongaro, "Consensus: Bridging Theory and Practice" (2014), §6.3, "cluster time".
 */
export class LogClock {
  readonly #clock: Clock;
  #offsetMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.resumeFrom(0);
  }

  now(): number {
    return this.#offsetMs + this.#clock.now();
  }

  /** This node begins to lead, and the log has shown `timeMs`. */
  resumeFrom(timeMs: number): void {
    this.#offsetMs = timeMs - this.#clock.now();
  }
}
