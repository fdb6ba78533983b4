import type { EndpointMetrics } from "./balancer-metrics.ts";
import { Durations } from "./durations.ts";

/** What one endpoint did. */
export class EndpointMeter {
  readonly #sinceMs: number;
  readonly #latency = new Durations();
  readonly #queue = new Durations();
  readonly #processing = new Durations();
  readonly #transmission = new Durations();
  picks = 0;
  successes = 0;
  failures = 0;
  cancelled = 0;
  ejections = 0;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
  }

  /** One request that ended, in success or failure, with the parts of its latency. */
  record(queueMs: number, processingMs: number, transmissionMs: number): void {
    this.#latency.record(queueMs + processingMs + transmissionMs);
    this.#queue.record(queueMs);
    this.#processing.record(processingMs);
    this.#transmission.record(transmissionMs);
  }

  metrics(id: string, inFlight: number, nowMs: number): EndpointMetrics {
    const seconds = (nowMs - this.#sinceMs) / 1_000;
    return {
      id,
      picks: this.picks,
      inFlight,
      successes: this.successes,
      failures: this.failures,
      cancelled: this.cancelled,
      ejections: this.ejections,
      throughputPerSecond: seconds > 0 ? this.successes / seconds : 0,
      latency: this.#latency.summary(),
      queue: this.#queue.summary(),
      processing: this.#processing.summary(),
      transmission: this.#transmission.summary(),
    };
  }
}
