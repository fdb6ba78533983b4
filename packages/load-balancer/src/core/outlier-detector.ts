import { successRateThreshold } from "./success-rate.ts";

/** When an endpoint is an outlier, and for how long it is ejected. Envoy's names and defaults. */
export interface OutlierOptions {
  /** Failures in a row. From 1. @default 5 */
  readonly consecutiveErrors?: number;
  /** How often rates are looked at, and the time that they are taken over. @default 10000 */
  readonly intervalMs?: number;
  /** The ejection's length, times the number of ejections in a row. @default 30000 */
  readonly baseEjectionMs?: number;
  /** @default 300000 */
  readonly maxEjectionMs?: number;
  /** No more are ejected once so many are; 0 ejects none. @default 10 */
  readonly maxEjectionPercent?: number;
  /** Ejects what succeeds less than the mean − factor / 1000 × deviation. `false`: never. */
  readonly successRate?: RateOptions | false;
  /** Ejects what fails at least `thresholdPercent` of the time. @default false */
  readonly failurePercentage?: FailurePercentageOptions | false;
}

export interface RateOptions {
  /** @default 1900 */
  readonly stdevFactor?: number;
  /** Endpoints with so many requests in an interval there must be. @default 5 */
  readonly minimumHosts?: number;
  /** @default 100 */
  readonly requestVolume?: number;
}

export interface FailurePercentageOptions {
  /** @default 85 */
  readonly thresholdPercent?: number;
  /** @default 5 */
  readonly minimumHosts?: number;
  /** @default 50 */
  readonly requestVolume?: number;
}

interface Tally {
  consecutive: number;
  successes: number;
  requests: number;
  /** Ejections in a row; one less after each interval in service. */
  times: number;
  /** -1 when in service. */
  ejectedUntilMs: number;
}

/** Told of each ejection and each return. */
export interface OutlierListener {
  ejected(slot: number, untilMs: number, reason: string): void;
  readmitted(slot: number): void;
}

/** Passive health checking: requests' outcomes in, ejections out. Time comes in as an argument. */
export class OutlierDetector {
  readonly #options: OutlierOptions;
  readonly #listener: OutlierListener;
  readonly #tallies = new Map<number, Tally>();
  #ejected = 0;
  #intervalEndsMs: number;

  constructor(options: OutlierOptions, listener: OutlierListener, nowMs: number) {
    this.#options = options;
    this.#listener = listener;
    this.#intervalEndsMs = nowMs + this.#intervalMs;
  }

  /** When `tick` has something to do. */
  get nextTickMs(): number {
    let next = this.#intervalEndsMs;
    for (const { ejectedUntilMs } of this.#tallies.values()) {
      if (ejectedUntilMs >= 0 && ejectedUntilMs < next) next = ejectedUntilMs;
    }
    return next;
  }

  /** -1 when in service. */
  ejectedUntilMs(slot: number): number {
    return this.#tallies.get(slot)?.ejectedUntilMs ?? -1;
  }

  joined(slot: number): void {
    this.#tallies.set(slot, {
      consecutive: 0,
      successes: 0,
      requests: 0,
      times: 0,
      ejectedUntilMs: -1,
    });
  }

  left(slot: number): void {
    if (this.ejectedUntilMs(slot) >= 0) this.#ejected--;
    this.#tallies.delete(slot);
  }

  finished(slot: number, nowMs: number, failed: boolean): void {
    const tally = this.#tallies.get(slot);
    if (tally === undefined) return;
    tally.requests++;
    if (!failed) {
      tally.successes++;
      tally.consecutive = 0;
      return;
    }
    const { consecutiveErrors = 5 } = this.#options;
    if (++tally.consecutive < consecutiveErrors || tally.ejectedUntilMs >= 0) return;
    this.#eject(slot, tally, nowMs, `${tally.consecutive} consecutive errors`);
  }

  /** An active check succeeded: an endpoint comes back early, and begins anew. */
  checkedHealthy(slot: number): void {
    const tally = this.#tallies.get(slot);
    if (tally !== undefined && tally.ejectedUntilMs >= 0) this.#readmit(slot, tally);
  }

  tick(nowMs: number): void {
    for (const [slot, tally] of this.#tallies) {
      if (tally.ejectedUntilMs >= 0 && nowMs >= tally.ejectedUntilMs) this.#readmit(slot, tally);
    }
    if (nowMs < this.#intervalEndsMs) return;
    this.#intervalEndsMs = nowMs + this.#intervalMs;
    this.#bySuccessRate(nowMs);
    this.#byFailurePercentage(nowMs);
    for (const tally of this.#tallies.values()) {
      if (tally.ejectedUntilMs < 0 && tally.times > 0) tally.times--;
      tally.successes = 0;
      tally.requests = 0;
    }
  }

  get #intervalMs(): number {
    return this.#options.intervalMs ?? 10_000;
  }

  #bySuccessRate(nowMs: number): void {
    const { successRate = {} } = this.#options;
    if (successRate === false) return;
    const { minimumHosts = 5, requestVolume = 100, stdevFactor = 1_900 } = successRate;
    const counted = this.#withVolume(requestVolume);
    if (counted.length < minimumHosts || counted.length === 0) return;
    const rates = counted.map(([, tally]) => (100 * tally.successes) / tally.requests);
    const { threshold } = successRateThreshold(rates, stdevFactor);
    for (const [at, [slot, tally]] of counted.entries()) {
      const rate = rates[at] as number;
      const reason = `success rate ${rate.toFixed(1)} % below ${threshold.toFixed(1)} %`;
      if (rate < threshold) this.#eject(slot, tally, nowMs, reason);
    }
  }

  #byFailurePercentage(nowMs: number): void {
    const { failurePercentage = false } = this.#options;
    if (failurePercentage === false) return;
    const { thresholdPercent = 85, minimumHosts = 5, requestVolume = 50 } = failurePercentage;
    const counted = this.#withVolume(requestVolume);
    if (counted.length < minimumHosts) return;
    for (const [slot, tally] of counted) {
      const failures = (100 * (tally.requests - tally.successes)) / tally.requests;
      if (failures < thresholdPercent) continue;
      this.#eject(slot, tally, nowMs, `${failures.toFixed(1)} % of requests failed`);
    }
  }

  #withVolume(requests: number): readonly (readonly [number, Tally])[] {
    return [...this.#tallies].filter(
      ([, tally]) => tally.ejectedUntilMs < 0 && tally.requests >= requests,
    );
  }

  #eject(slot: number, tally: Tally, nowMs: number, reason: string): void {
    const { baseEjectionMs = 30_000, maxEjectionMs = 300_000 } = this.#options;
    const { maxEjectionPercent = 10 } = this.#options;
    if (tally.ejectedUntilMs >= 0) return;
    if ((100 * this.#ejected) / this.#tallies.size >= maxEjectionPercent) return;
    const longestMs = Math.max(baseEjectionMs, maxEjectionMs);
    if (baseEjectionMs * tally.times < longestMs) tally.times++;
    tally.ejectedUntilMs = nowMs + Math.min(baseEjectionMs * tally.times, longestMs);
    this.#ejected++;
    this.#listener.ejected(slot, tally.ejectedUntilMs, reason);
  }

  #readmit(slot: number, tally: Tally): void {
    tally.ejectedUntilMs = -1;
    tally.consecutive = 0;
    tally.successes = 0;
    tally.requests = 0;
    this.#ejected--;
    this.#listener.readmitted(slot);
  }
}
