import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import { LatencyEstimates } from "../latency-estimates.ts";
import type { Chooser, Policy } from "../policy.ts";
import { FullScan } from "./full-scan.ts";

/**
 * The least average response time × (in flight + 1) / weight of all; one of which nothing is known
 * first, as long as nothing is in flight there. O(n).
 *
 * Source: nginx Plus, least_time.
 */
export class LeastResponseTime implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #estimates: LatencyEstimates;

  constructor(fleet: Fleet, random: Random, decayMs: number, failurePenalty: number) {
    this.#fleet = fleet;
    this.#random = random;
    this.#estimates = new LatencyEstimates(fleet, { decayMs, peak: false, failurePenalty });
  }

  chooser(): Chooser {
    return new LeastResponseTimeChooser(this.#fleet, this.#random, this.#estimates);
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

class LeastResponseTimeChooser extends FullScan {
  readonly #fleet: Fleet;
  readonly #estimates: LatencyEstimates;

  constructor(fleet: Fleet, random: Random, estimates: LatencyEstimates) {
    super(random);
    this.#fleet = fleet;
    this.#estimates = estimates;
  }

  protected override costOf(slot: number): number {
    const inFlight = this.#fleet.inFlight[slot] as number;
    const knownMs = this.#estimates.estimateMs(slot);
    const estimateMs = knownMs === 0 && inFlight > 0 ? this.#estimates.meanMs : knownMs;
    return (estimateMs * (inFlight + 1)) / (this.#fleet.weight[slot] as number);
  }
}
