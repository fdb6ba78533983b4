/** Time as a node sees it. Injected, so that a simulation can bend it. */
export interface Clock {
  /**
   * Milliseconds since an arbitrary start, with fractions. Never goes back, and is not moved when
   * someone sets the system's time. The only clock for timeouts, leases and latencies.
   */
  now(): number;
  /**
   * Milliseconds since 1970-01-01 UTC. May jump either way: for people to read, never to decide by.
   */
  wallTime(): number;
  /**
   * Calls `fire` once, at least `delayMs` milliseconds from now (0 or more; a fraction is rounded
   * up by the system's clock), never from within this call. What `fire` throws is not caught.
   */
  setTimer(delayMs: number, fire: () => void): Timer;
}

/** A timer that was set. */
export interface Timer {
  /** The timer will not fire. Has no effect on one that fired or was cancelled. */
  cancel(): void;
}
