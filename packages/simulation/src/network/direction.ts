import type { Random } from "@quorate/runtime";
import type { Trace } from "../trace/trace.ts";
import type { CheckedNetworkOptions } from "./network-options.ts";

/**
 * What a slow way holds back at most: else what was sent in some seconds could keep it busy for minutes
 * after it is fast again, which no network does.
 */
const MAX_QUEUE_MS = 10_000;

/** What the way from one node to another is like at present; outlives the connections on it. */
export class Direction {
  readonly from: string;
  readonly to: string;
  readonly trace: Trace;
  readonly random: Random;
  readonly #options: () => CheckedNetworkOptions;
  /** Nothing gets through. */
  blocked = false;
  /** Nothing arrives before this time. */
  cloggedUntilMs = 0;
  /** Undefined: as much as is given to it. */
  bytesPerSecond: number | undefined;
  /** Messages are neither lost nor duplicated nor overtaken, whatever the options say. */
  isCalm = false;
  /** Told when one of the above changes. */
  onChange: () => void = () => {};
  #freeAtMs = 0;

  constructor(
    from: string,
    to: string,
    options: () => CheckedNetworkOptions,
    random: Random,
    trace: Trace,
  ) {
    this.from = from;
    this.to = to;
    this.#options = options;
    this.random = random;
    this.trace = trace;
  }

  /** A node's way to itself has no faults. */
  get isLoopback(): boolean {
    return this.from === this.to;
  }

  get options(): CheckedNetworkOptions {
    return this.#options();
  }

  happens(probability: number): boolean {
    return probability > 0 && !this.isLoopback && !this.isCalm && this.random.next() < probability;
  }

  /** When a frame of this size that is sent now arrives, if nothing else holds it up. */
  arrivalMs(nowMs: number, bytes: number): number {
    if (this.isLoopback) return nowMs;
    let departsAtMs = nowMs;
    if (this.bytesPerSecond !== undefined) {
      const freeAtMs = Math.max(nowMs, this.#freeAtMs) + (1_000 * bytes) / this.bytesPerSecond;
      departsAtMs = Math.min(freeAtMs, nowMs + MAX_QUEUE_MS);
      this.#freeAtMs = departsAtMs;
    }
    const { min, mean, max } = this.options.latencyMs;
    const above = mean > min ? -(mean - min) * Math.log(1 - this.random.next()) : 0;
    return departsAtMs + Math.min(max, min + above);
  }
}
