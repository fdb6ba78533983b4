import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import { LatencyEstimates } from "../latency-estimates.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";

/** What the default policy may be told. */
export interface AdaptiveOptions {
  /** After this time a measurement weighs 1/e of what it did, milliseconds. @default 10000 */
  readonly decayMs?: number;
  /** After this time without an answer an idle endpoint is expected to be twice as fast. @default 10000 */
  readonly forgetMs?: number;
  /** What a failure counts as: so many times the fleet's mean latency. From 1. @default 10 */
  readonly failurePenalty?: number;
}

/**
 * The default: the least expected latency × ((in flight + 1) / weight)² of all. The expected latency
 * is a moving average of what this client measured there; of an idle endpoint it sinks with time, so
 * that one which was slow is tried again; one of which nothing is known is tried at once, with one
 * request. O(n).
 *
 * That all are looked at is what makes it work: many clients, each with its own averages, come to
 * prefer different endpoints, and whoever has an endpoint mostly to himself knows its queue from his
 * own requests in flight. The square keeps a second request away from where one already waits. Chosen
 * by simulation: docs/decisions/0090.
 */
export class Adaptive implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #forgetMs: number;
  readonly #estimates: LatencyEstimates;

  constructor(fleet: Fleet, random: Random, options: AdaptiveOptions = {}) {
    const { decayMs = 10_000, failurePenalty = 10, forgetMs = 10_000 } = options;
    this.#fleet = fleet;
    this.#random = random;
    this.#forgetMs = forgetMs;
    this.#estimates = new LatencyEstimates(fleet, { decayMs, peak: false, failurePenalty });
  }

  chooser(): Chooser {
    return new AdaptiveChooser(this.#fleet, this.#random, this.#estimates, this.#forgetMs);
  }

  joined(slot: number, nowMs: number): void {
    this.#estimates.joined(slot, nowMs);
  }

  finished(slot: number, nowMs: number, latencyMs: number, failed: boolean): void {
    this.#estimates.finished(slot, nowMs, latencyMs, failed);
  }

  expectedMs(slot: number): number | undefined {
    return this.#estimates.estimateMs(slot) || undefined;
  }
}

class AdaptiveChooser implements Chooser {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #estimates: LatencyEstimates;
  readonly #forgetMs: number;
  #slots: Int32Array = new Int32Array();
  #count = 0;
  #least: Int32Array = new Int32Array();

  constructor(fleet: Fleet, random: Random, estimates: LatencyEstimates, forgetMs: number) {
    this.#fleet = fleet;
    this.#random = random;
    this.#estimates = estimates;
    this.#forgetMs = forgetMs;
  }

  update({ slots, count }: Candidates): void {
    this.#slots = slots;
    this.#count = count;
    this.#least = new Int32Array(count);
  }

  pick(nowMs: number): number {
    const { inFlight, weight } = this.#fleet;
    const { estimatesMs, measuredAtMs } = this.#estimates;
    const unknownMs = this.#estimates.meanMs || 1;
    const forgetMs = this.#forgetMs;
    const slots = this.#slots;
    const least = this.#least;
    let leastCost = Infinity;
    let equals = 0;
    for (let index = 0; index < this.#count; index++) {
      const slot = slots[index] as number;
      const requests = (inFlight[slot] as number) + 1;
      let expectedMs = estimatesMs[slot] as number;
      if (expectedMs === 0 && requests > 1) expectedMs = unknownMs;
      const busy = requests / (weight[slot] as number);
      let cost = expectedMs * busy * busy;
      if (requests === 1) {
        const idle = (nowMs - (measuredAtMs[slot] as number)) / forgetMs;
        cost /= 1 + idle * idle;
      }
      if (cost > leastCost) continue;
      if (cost < leastCost) {
        leastCost = cost;
        equals = 0;
      }
      least[equals++] = slot;
    }
    if (equals === 1) return least[0] as number;
    return least[Math.floor(this.#random.next() * equals)] as number;
  }
}
