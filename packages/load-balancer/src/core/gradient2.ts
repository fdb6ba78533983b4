/** How the concurrency limit follows latency. */
export interface Gradient2Options {
  /** @default 20 */
  readonly initialLimit?: number;
  /** @default 20 */
  readonly minLimit?: number;
  /** @default 200 */
  readonly maxLimit?: number;
  /** What may queue: added to the limit at each step. @default 4 */
  readonly queueSize?: number;
  /** How much of each step is taken, 0 to 1. @default 0.2 */
  readonly smoothing?: number;
  /** Samples over which the long-term latency is averaged. @default 600 */
  readonly longWindow?: number;
  /** A latency so many times the long-term one is still good. From 1. @default 1.5 */
  readonly tolerance?: number;
}

const LEAST_GRADIENT = 0.5;

/**
 * A limit on requests at once that shrinks as latency rises above its long-term average, and grows
 * while it does not, as long as the limit is used.
 *
 * Source: Netflix concurrency-limits, Gradient2Limit.
 */
export class Gradient2 {
  readonly #options: Required<Gradient2Options>;
  #limit: number;
  #longMs = 0;
  #samples = 0;

  constructor(options: Gradient2Options = {}) {
    this.#options = {
      initialLimit: 20,
      minLimit: 20,
      maxLimit: 200,
      queueSize: 4,
      smoothing: 0.2,
      longWindow: 600,
      tolerance: 1.5,
      ...options,
    };
    this.#limit = this.#options.initialLimit;
  }

  /** A whole number from 1. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /** One answer: how long it took, and how many requests were in flight when it was sent. */
  sample(latencyMs: number, inFlight: number): void {
    const { minLimit, maxLimit, queueSize, smoothing, tolerance } = this.#options;
    this.#averageIn(latencyMs);
    // After a long time of overload the average would take long to come down again.
    if (this.#longMs / latencyMs > 2) this.#longMs *= 0.95;
    if (inFlight < this.#limit / 2) return;
    const gradient = Math.max(LEAST_GRADIENT, Math.min(1, (tolerance * this.#longMs) / latencyMs));
    const next = this.#limit * gradient + queueSize;
    const smoothed = this.#limit * (1 - smoothing) + next * smoothing;
    this.#limit = Math.max(minLimit, Math.min(maxLimit, smoothed));
  }

  /** The plain mean of the first ten, then an exponential average. */
  #averageIn(latencyMs: number): void {
    this.#samples++;
    const weight = this.#samples <= 10 ? 1 / this.#samples : 2 / (this.#options.longWindow + 1);
    this.#longMs += (latencyMs - this.#longMs) * weight;
  }
}
