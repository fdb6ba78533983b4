import type { Random } from "@quorate/runtime";
import type { Fleet } from "../fleet.ts";
import type { Candidates, Chooser, Policy } from "../policy.ts";
import { ProbePool } from "../probe-pool.ts";
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
  readonly #recent = new Int32Array(RECENT);
  readonly #sorted = new Int32Array(RECENT);
  #recentCount = 0;
  #hotAbove = 0;
  #probesDue = 0;
  #removalsDue = 0;
  #removeOldest = false;
  #failures: Float64Array = new Float64Array();
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
    this.pool = new ProbePool(this.#options.poolSize, this.#options.maxAgeMs);
  }

  chooser(): Chooser {
    return new PrequalChooser(this, this.#random);
  }

  joined(slot: number): void {
    if (slot >= this.#failures.length) {
      const grown = new Float64Array(this.#fleet.weight.length);
      grown.set(this.#failures);
      this.#failures = grown;
    }
    this.#failures[slot] = 0;
    this.pool.forget(slot);
  }

  /** Choosers tell whom to probe: the candidates of the one used last. */
  using(candidates: Candidates): void {
    this.#candidates = candidates;
  }

  /** After how many uses an answer is dropped: the paper's b_reuse. */
  reuses(): number {
    const { probesPerPick, removalsPerPick, poolSize, delta } = this.#options;
    const share = 1 - Math.min(1, poolSize / Math.max(1, this.#candidates.count));
    const spare = share * probesPerPick - removalsPerPick;
    return spare <= 0 ? 2 : Math.max(1, (1 + delta) / spare);
  }

  get hotAbove(): number {
    return this.#hotAbove;
  }

  /** The share of failures, decaying with each answer, as a factor on what the endpoint costs. */
  aversion(slot: number): number {
    return 1 + 100 * (this.#failures[slot] as number);
  }

  picked(): void {
    this.#probesDue += this.#options.probesPerPick;
    for (
      this.#removalsDue += this.#options.removalsPerPick;
      this.#removalsDue >= 1;
      this.#removalsDue--
    ) {
      this.pool.removeOne(this.#removeOldest, this.#hotAbove);
      this.#removeOldest = !this.#removeOldest;
    }
  }

  finished(slot: number, _nowMs: number, latencyMs: number, failed: boolean): void {
    if (latencyMs < 0) return;
    const share = this.#failures[slot] as number;
    this.#failures[slot] = share + ((failed ? 1 : 0) - share) * 0.2;
  }

  nextProbe(): number {
    if (this.#probesDue < 1 || this.#candidates.count === 0) return -1;
    this.#probesDue--;
    const at = Math.floor(this.#random.next() * this.#candidates.count);
    return this.#candidates.slots[at] as number;
  }

  probed(slot: number, nowMs: number, inFlight: number, latencyMs: number): void {
    this.pool.add(slot, nowMs, inFlight, latencyMs);
    this.#recent[this.#recentCount++ % RECENT] = inFlight;
    if (this.#recentCount % 8 === 0 || this.#recentCount < 8) this.#findHot();
  }

  #findHot(): void {
    const count = Math.min(this.#recentCount, RECENT);
    const sorted = this.#sorted.subarray(0, count);
    sorted.set(this.#recent.subarray(0, count));
    sorted.sort();
    const at = Math.min(count - 1, Math.floor(count * this.#options.hotQuantile));
    this.#hotAbove = sorted[at] as number;
  }
}

class PrequalChooser implements Chooser {
  readonly #policy: Prequal;
  readonly #fallback: Chooser;
  readonly #isCandidate = new Set<number>();
  #candidates: Candidates = { slots: new Int32Array(), count: 0 };

  constructor(policy: Prequal, random: Random) {
    this.#policy = policy;
    this.#fallback = new RandomPolicy(random).chooser();
  }

  update(candidates: Candidates): void {
    this.#candidates = candidates;
    this.#fallback.update(candidates);
    this.#isCandidate.clear();
    for (let at = 0; at < candidates.count; at++) {
      this.#isCandidate.add(candidates.slots[at] as number);
    }
  }

  pick(nowMs: number): number {
    const policy = this.#policy;
    policy.using(this.#candidates);
    policy.pool.expire(nowMs);
    const entry = policy.pool.choose(
      policy.hotAbove,
      (slot) => policy.aversion(slot),
      this.#isCandidate,
    );
    const slot = entry < 0 ? this.#fallback.pick(nowMs, undefined) : policy.pool.slotAt(entry);
    if (entry >= 0) policy.pool.use(entry, policy.reuses());
    policy.picked();
    return slot;
  }
}
