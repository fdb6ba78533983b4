import type { FailureSpan, ServerPlan, SpeedChange } from "./scenario.ts";

/**
 * One worker and its queue, first come, first served, without a bound. Since what happens to it is
 * known beforehand, a request's end is computed as it arrives, and there are no events in between.
 */
export class SimulatedServer {
  readonly #changes: readonly SpeedChange[];
  readonly #failures: readonly FailureSpan[];
  #freeAtMs = 0;
  /** Of the last change that lies before `#freeAtMs`; the queue never goes back. */
  #changeAt = 0;
  #failureAt = 0;
  /** Requests that are here. */
  inFlight = 0;

  constructor({ speed, changes = [], failures = [] }: ServerPlan) {
    this.#changes = [{ fromMs: -Infinity, speed }, ...changes];
    this.#failures = failures;
  }

  /** After how long a request that arrives now fails; 0 when it does not. Times must not go back. */
  failsAfterMs(nowMs: number): number {
    while ((this.#failures[this.#failureAt]?.untilMs ?? Infinity) <= nowMs) this.#failureAt++;
    const failure = this.#failures[this.#failureAt];
    return failure !== undefined && failure.fromMs <= nowMs ? failure.afterMs : 0;
  }

  /** Work still to be done is gone, as with a restart: nobody waits for it. */
  clear(nowMs: number): void {
    this.#freeAtMs = nowMs;
  }

  /** Takes a request in, and returns when it will be done. */
  accept(nowMs: number, work: number): number {
    const startMs = Math.max(nowMs, this.#freeAtMs);
    while ((this.#changes[this.#changeAt + 1]?.fromMs ?? Infinity) <= startMs) this.#changeAt++;
    this.#freeAtMs = this.#endOf(startMs, work);
    return this.#freeAtMs;
  }

  /** When a request would be done that arrived now: what only the oracle knows. */
  wouldEndAtMs(nowMs: number, work: number): number {
    return this.#endOf(Math.max(nowMs, this.#freeAtMs), work);
  }

  #endOf(startMs: number, work: number): number {
    let atMs = startMs;
    let left = work;
    for (let change = this.#changeAt; ; change++) {
      const speed = (this.#changes[change] as SpeedChange).speed;
      const nextMs = this.#changes[change + 1]?.fromMs ?? Infinity;
      if (nextMs <= atMs) continue;
      const endMs = speed === 0 ? Infinity : atMs + left / speed;
      if (endMs <= nextMs) return endMs;
      left -= (nextMs - atMs) * speed;
      atMs = nextMs;
    }
  }
}
