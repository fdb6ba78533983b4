import type { Clock } from "@quorate/runtime";
import { LatencyRecorder } from "./latency-recorder.ts";

/** What the gateway answered over a stretch of time. */
export interface TrafficSample {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Answers of status 500 and above since the start. */
  readonly failures: number;
  /** Answers since the start. */
  readonly answered: number;
}

/** Counts the gateway's answers, for the live view. */
export class Traffic {
  readonly #clock: Clock;
  readonly #latencies = new LatencyRecorder();
  #sinceMs: number;
  #answered = 0;
  #failures = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
  }

  record(ms: number, status: number): void {
    this.#answered++;
    if (status >= 500) this.#failures++;
    this.#latencies.record(ms);
  }

  /** Rate and latencies since the last call; latencies are 0 when nothing was answered. */
  sample(): TrafficSample {
    const nowMs = this.#clock.now();
    const perSecond = (this.#latencies.count / Math.max(1, nowMs - this.#sinceMs)) * 1_000;
    const { p50Ms, p99Ms } = this.#latencies;
    this.#latencies.reset();
    this.#sinceMs = nowMs;
    return { perSecond, p50Ms, p99Ms, failures: this.#failures, answered: this.#answered };
  }
}
