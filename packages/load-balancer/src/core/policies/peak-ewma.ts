import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import { LatencyEstimates } from "../latency-estimates.ts";
import type { Chooser, Policy } from "../policy.ts";
import { BetterOfTwo } from "./better-of-two.ts";

/** What an endpoint costs of which nothing is known but that requests to it are in flight. */
const UNKNOWN_MS = 1_000;

/**
 * The better of two drawn by weight: the lower estimate × (in flight + 1). The estimate jumps to a
 * latency above it and comes down slowly, by time; here it comes down, too, while nothing is sent,
 * as Finagle has it, so that an endpoint which was slow once is tried again. O(1).
 *
 * Source: Finagle, com.twitter.finagle.loadbalancer.PeakEwma.
 */
export class PeakEwma implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #estimates: LatencyEstimates;

  constructor(fleet: Fleet, random: Random, decayMs: number, failurePenalty: number) {
    this.#fleet = fleet;
    this.#random = random;
    this.#estimates = new LatencyEstimates(fleet, { decayMs, peak: true, failurePenalty });
  }

  chooser(): Chooser {
    return new PeakEwmaChooser(this.#fleet, this.#random, this.#estimates);
  }

  joined(slot: number, nowMs: number): void {
    this.#estimates.joined(slot, nowMs);
  }

  finished(slot: number, nowMs: number, latencyMs: number, failed: boolean): void {
    this.#estimates.finished(slot, nowMs, latencyMs, failed);
  }

  expectedMs(slot: number, nowMs: number): number | undefined {
    return this.#estimates.decayedMs(slot, nowMs) || undefined;
  }
}

class PeakEwmaChooser extends BetterOfTwo {
  readonly #fleet: Fleet;
  readonly #estimates: LatencyEstimates;

  constructor(fleet: Fleet, random: Random, estimates: LatencyEstimates) {
    super(fleet, random);
    this.#fleet = fleet;
    this.#estimates = estimates;
  }

  protected override costOf(slot: number, nowMs: number): number {
    const inFlight = this.#fleet.inFlight[slot] as number;
    const estimateMs = this.#estimates.decayedMs(slot, nowMs);
    return estimateMs === 0 ? inFlight * UNKNOWN_MS : estimateMs * (inFlight + 1);
  }
}
