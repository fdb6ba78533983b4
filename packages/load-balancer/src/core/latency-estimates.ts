import type { Fleet } from "./fleet.ts";

/** How estimates of latency follow what is measured. */
export interface LatencyEstimateOptions {
  /** After this time a measurement weighs 1/e of what it did. Milliseconds above 0. */
  readonly decayMs: number;
  /** Whether a latency above the estimate replaces it at once. */
  readonly peak: boolean;
  /**
   * What a failure counts as: this many times the greater of its latency and the fleet's mean. From
   * 1; the remedy against hosts that attract requests by failing fast (linkerd2-proxy#4537).
   */
  readonly failurePenalty: number;
}

/**
 * Exponentially weighted moving averages of latency by time, not by count: rare answers weigh more.
 *
 * Source: Finagle's PeakEwma: cost·w + rtt·(1−w), w = e^(−Δt/τ).
 */
export class LatencyEstimates {
  readonly #fleet: Fleet;
  readonly #options: LatencyEstimateOptions;
  /** Milliseconds; 0 where nothing is known. */
  #estimateMs: Float64Array = new Float64Array();
  #measuredAtMs: Float64Array = new Float64Array();
  /** Over all endpoints, of successes, by count: each weighs 1 %. 0 before the first. */
  #meanMs = 0;

  constructor(fleet: Fleet, options: LatencyEstimateOptions) {
    this.#fleet = fleet;
    this.#options = options;
  }

  get meanMs(): number {
    return this.#meanMs;
  }

  joined(slot: number, nowMs: number): void {
    if (slot >= this.#estimateMs.length) this.#grow();
    this.#estimateMs[slot] = 0;
    this.#measuredAtMs[slot] = nowMs;
  }

  finished(slot: number, nowMs: number, latencyMs: number, failed: boolean): void {
    if (latencyMs < 0) return;
    const { failurePenalty, peak, decayMs } = this.#options;
    let sampleMs = latencyMs;
    if (failed) sampleMs = failurePenalty * Math.max(latencyMs, this.#meanMs);
    else this.#meanMs += this.#meanMs === 0 ? latencyMs : (latencyMs - this.#meanMs) * 0.01;
    const estimateMs = this.#estimateMs[slot] as number;
    if (estimateMs === 0 || (peak && sampleMs > estimateMs)) {
      this.#estimateMs[slot] = sampleMs;
    } else {
      const kept = decay((nowMs - (this.#measuredAtMs[slot] as number)) / decayMs);
      this.#estimateMs[slot] = estimateMs * kept + sampleMs * (1 - kept);
    }
    this.#measuredAtMs[slot] = nowMs;
  }

  /** By slot, 0 where nothing is known; another array as the fleet grows. */
  get estimatesMs(): Float64Array {
    return this.#estimateMs;
  }

  /** 0 where nothing is known. */
  estimateMs(slot: number): number {
    return this.#estimateMs[slot] as number;
  }

  /** The estimate, come down by time since it was measured. */
  decayedMs(slot: number, nowMs: number): number {
    const idleMs = nowMs - (this.#measuredAtMs[slot] as number);
    return (this.#estimateMs[slot] as number) * decay(idleMs / this.#options.decayMs);
  }

  /** By slot: when it was last measured, or given to an endpoint. */
  get measuredAtMs(): Float64Array {
    return this.#measuredAtMs;
  }

  #grow(): void {
    const capacity = this.#fleet.weight.length;
    const [estimateMs, measuredAtMs] = [new Float64Array(capacity), new Float64Array(capacity)];
    estimateMs.set(this.#estimateMs);
    measuredAtMs.set(this.#measuredAtMs);
    this.#estimateMs = estimateMs;
    this.#measuredAtMs = measuredAtMs;
  }
}

/** e^−x for x from 0; below 0.01, as it mostly is, by four terms of its series: less than 5e-10 off. */
function decay(x: number): number {
  return x < 0.01 ? 1 - x * (1 - x * (0.5 - x / 6)) : Math.exp(-x);
}
