import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";
import { ProbePool } from "../probe-pool.ts";
import { RunningQuantile } from "../running-quantile.ts";
import { RandomPolicy } from "./random.ts";

/** How Prequal probes and chooses; the paper's values are the defaults. */
export interface PrequalOptions {
  /** Probes sent for each pick; above 0, maybe a fraction. @default 3 */
  readonly probesPerPick?: number;
  /** Probes removed for each pick, by turns the oldest and the worst. From 0. @default 1 */
  readonly removalsPerPick?: number;
  /** Most answers kept. From 2. @default 16 */
  readonly poolSize?: number;
  /** How long an answer is used, milliseconds. @default 1000 */
  readonly maxAgeMs?: number;
  /** An endpoint is hot above this quantile of the latest in-flight counts. @default 0.84 */
  readonly hotQuantile?: number;
  /** How fast the pool may grow, as the paper's δ. @default 1 */
  readonly delta?: number;
}

const RECENT = 128;
const MOST_AVERSE = 101;

/**
 * Asynchronous probes of random endpoints say how many requests each has in flight, from all clients,
 * and its latency at such a load; the pick is the cold one of lowest latency, or else the one of
 * fewest requests. Needs a `probe`. Per pick O(pool).
 *
 * An endpoint that failed is kept out of the choice as long as its share of failures is above its
 * fellows': the answer of a probe says nothing about errors (the paper's "sinkholing", section 4).
 *
 * Source: B. Wydrowski et al., "Load is not what you should balance: introducing Prequal", NSDI 2024.
 */
export class Prequal implements Policy {
  readonly #fleet: Fleet;
  readonly #random: Random;
  readonly #options: Required<PrequalOptions>;
  readonly #inFlight: RunningQuantile;
  #mostUses = 2;
  #probesDue = 0;
  #removalsDue = 0;
  #removeOldest = false;
  #aversion: Float64Array = new Float64Array();
  #candidates: Candidates = { slots: new Int32Array(), count: 0 };
  readonly pool: ProbePool;

  constructor(fleet: Fleet, random: Random, options: PrequalOptions = {}) {
    this.#fleet = fleet;
    this.#random = random;
    this.#options = {
      probesPerPick: 3,
      removalsPerPick: 1,
      poolSize: 16,
      maxAgeMs: 1_000,
      hotQuantile: 0.84,
      delta: 1,
      ...options,
    };
    this.#inFlight = new RunningQuantile(RECENT, this.#options.hotQuantile);
    this.pool = new ProbePool(this.#options.poolSize, this.#options.maxAgeMs);
  }

  chooser(): Chooser {
    return new PrequalChooser(this, this.#fleet, this.#random);
  }

  joined(slot: number): void {
    if (slot >= this.#aversion.length) {
      const grown = new Float64Array(this.#fleet.weight.length);
      grown.set(this.#aversion);
      this.#aversion = grown;
    }
    this.#aversion[slot] = 1;
    this.pool.forget(slot);
  }

  /** Choosers tell whom to probe: the candidates of the one used last. */
  using(candidates: Candidates): void {
    if (this.#candidates === candidates) return;
    this.#candidates = candidates;
    this.#mostUses = this.#reuses();
  }

  /** After how many uses an answer is dropped. */
  get mostUses(): number {
    return this.#mostUses;
  }

  get hotAbove(): number {
    return this.#inFlight.value;
  }

  /**
   * By slot, another array as the fleet grows: the factor on what the endpoint costs, 1 to 101 by its
   * share of failures, which decays with each answer.
   */
  get aversion(): Float64Array {
    return this.#aversion;
  }

  picked(): void {
    this.#probesDue += this.#options.probesPerPick;
    for (
      this.#removalsDue += this.#options.removalsPerPick;
      this.#removalsDue >= 1;
      this.#removalsDue--
    ) {
      this.pool.removeOne(this.#removeOldest, this.hotAbove);
      this.#removeOldest = !this.#removeOldest;
    }
  }

  finished(slot: number, _nowMs: number, latencyMs: number, failed: boolean): void {
    if (latencyMs < 0) return;
    const aversion = this.#aversion[slot] as number;
    this.#aversion[slot] = aversion + ((failed ? MOST_AVERSE : 1) - aversion) * 0.2;
  }

  nextProbe(): number {
    if (this.#probesDue < 1 || this.#candidates.count === 0) return -1;
    this.#probesDue--;
    const at = Math.floor(this.#random.next() * this.#candidates.count);
    return this.#candidates.slots[at] as number;
  }

  probed(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    this.pool.add(slot, nowMs, inFlight, latencyMs);
    this.#inFlight.add(inFlight);
  }

  /** The paper's b_reuse; whole, as uses are. */
  #reuses(): number {
    const { probesPerPick, removalsPerPick, poolSize, delta } = this.#options;
    const share = 1 - Math.min(1, poolSize / Math.max(1, this.#candidates.count));
    const spare = share * probesPerPick - removalsPerPick;
    return spare <= 0 ? 2 : Math.max(1, Math.ceil((1 + delta) / spare));
  }
}

class PrequalChooser implements Chooser {
  readonly #policy: Prequal;
  readonly #fallback: Chooser;
  readonly #fleet: Fleet;
  #isCandidate: Uint8Array = new Uint8Array();
  #candidates: Candidates = { slots: new Int32Array(), count: 0 };

  constructor(policy: Prequal, fleet: Fleet, random: Random) {
    this.#policy = policy;
    this.#fleet = fleet;
    this.#fallback = new RandomPolicy(random).chooser();
  }

  update(candidates: Candidates): void {
    this.#candidates = candidates;
    this.#fallback.update(candidates);
    this.#isCandidate = new Uint8Array(this.#fleet.slotLimit);
    for (let at = 0; at < candidates.count; at++) {
      this.#isCandidate[candidates.slots[at] as number] = 1;
    }
  }

  pick(nowMs: number): number {
    const policy = this.#policy;
    policy.using(this.#candidates);
    policy.pool.expire(nowMs);
    const entry = policy.pool.choose(policy.hotAbove, policy.aversion, this.#isCandidate);
    const slot = entry < 0 ? this.#fallback.pick(nowMs, undefined) : policy.pool.slotAt(entry);
    if (entry >= 0) policy.pool.use(entry, policy.mostUses);
    policy.picked();
    return slot;
  }
}
