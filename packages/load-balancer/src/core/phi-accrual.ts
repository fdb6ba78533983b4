/** How a phi-accrual detector learns. */
export interface PhiAccrualOptions {
  /** Intervals between heartbeats that are remembered. From 2. @default 100 */
  readonly windowSize?: number;
  /** What is added to the expected interval: pauses that are nothing to worry about. @default 0 */
  readonly acceptablePauseMs?: number;
  /** The deviation is never taken as less, or a very regular sender would be too soon suspected. @default 50 */
  readonly minDeviationMs?: number;
  /** The interval assumed before two heartbeats have come. @default 1000 */
  readonly firstIntervalMs?: number;
}

/**
 * How sure one can be that a sender of heartbeats is gone: phi 1 means that one in ten such silences
 * is followed by a heartbeat after all, phi 8 one in 10⁸. Pure: time comes in as an argument.
 *
 * Source: N. Hayashibara et al., "The φ accrual failure detector", SRDS 2004; the logistic
 * approximation of the normal distribution is Akka's.
 */
export class PhiAccrualDetector {
  readonly #options: Required<PhiAccrualOptions>;
  readonly #intervals: Float64Array;
  #count = 0;
  #sum = 0;
  #squares = 0;
  #latestMs: number | undefined;

  constructor(options: PhiAccrualOptions = {}) {
    this.#options = {
      windowSize: 100,
      acceptablePauseMs: 0,
      minDeviationMs: 50,
      firstIntervalMs: 1_000,
      ...options,
    };
    this.#intervals = new Float64Array(this.#options.windowSize);
    const { firstIntervalMs } = this.#options;
    this.#remember(firstIntervalMs * 0.75);
    this.#remember(firstIntervalMs * 1.25);
  }

  heartbeat(nowMs: number): void {
    if (this.#latestMs !== undefined) this.#remember(nowMs - this.#latestMs);
    this.#latestMs = nowMs;
  }

  /** 0 before the first heartbeat; grows with the silence. */
  phi(nowMs: number): number {
    if (this.#latestMs === undefined) return 0;
    const { acceptablePauseMs, minDeviationMs, windowSize } = this.#options;
    const count = Math.min(this.#count, windowSize);
    const mean = this.#sum / count;
    const variance = Math.max(0, this.#squares / count - mean * mean);
    const deviation = Math.max(minDeviationMs, Math.sqrt(variance));
    const y = (nowMs - this.#latestMs - mean - acceptablePauseMs) / deviation;
    const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
    // Each form loses its digits where the other one keeps them.
    return y > 0 ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
  }

  #remember(intervalMs: number): void {
    const at = this.#count++ % this.#options.windowSize;
    const old = this.#intervals[at] as number;
    this.#intervals[at] = intervalMs;
    this.#sum += intervalMs - old;
    this.#squares += intervalMs * intervalMs - old * old;
  }
}
