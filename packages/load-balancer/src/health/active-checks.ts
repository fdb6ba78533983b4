import { type Clock, inTime, type Random, type Timer } from "@quorate/runtime";
import type { Endpoint } from "../endpoint.ts";
import type { HealthCheckOptions } from "./health-check.ts";

interface Checked {
  /** Of the latest snapshot: the same id may have moved. */
  endpoint: Endpoint;
  /** Of the check that runs, if one does. */
  running: AbortController | undefined;
  timer: Timer | undefined;
  /** Results in a row: above 0 successes, below 0 failures. */
  inRow: number;
}

/** Told of each verdict; the same one may come again and again. */
export type Verdict = (endpoint: Endpoint, healthy: boolean, reason: string) => void;

/**
 * Checks each endpoint by itself, the next time after the last check has ended or is out of time; the
 * first within one interval.
 */
export class ActiveChecks {
  readonly #options: Required<HealthCheckOptions>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #verdict: Verdict;
  readonly #checked = new Map<string, Checked>();

  constructor(options: HealthCheckOptions, clock: Clock, random: Random, verdict: Verdict) {
    this.#options = {
      intervalMs: 5_000,
      timeoutMs: 1_000,
      jitterPercent: 20,
      unhealthyThreshold: 3,
      healthyThreshold: 2,
      ...options,
    };
    this.#clock = clock;
    this.#random = random;
    this.#verdict = verdict;
  }

  /** These, and no others, are checked from now on. */
  watch(endpoints: readonly Endpoint[]): void {
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const [id, checked] of this.#checked) if (!ids.has(id)) this.#end(id, checked);
    for (const endpoint of endpoints) {
      const known = this.#checked.get(endpoint.id);
      if (known !== undefined) {
        known.endpoint = endpoint;
        continue;
      }
      const checked: Checked = { endpoint, running: undefined, timer: undefined, inRow: 0 };
      this.#checked.set(endpoint.id, checked);
      this.#schedule(checked, this.#random.next() * this.#options.intervalMs);
    }
  }

  stop(): void {
    this.watch([]);
  }

  #end(id: string, checked: Checked): void {
    this.#checked.delete(id);
    checked.timer?.cancel();
    checked.running?.abort();
  }

  #schedule(checked: Checked, delayMs: number): void {
    checked.timer = this.#clock.setTimer(delayMs, () => void this.#run(checked));
  }

  async #run(checked: Checked): Promise<void> {
    const { intervalMs, jitterPercent } = this.#options;
    const error = await this.#check(checked);
    if (this.#checked.get(checked.endpoint.id) !== checked) return;
    this.#count(checked, error);
    this.#schedule(checked, intervalMs * (1 + (jitterPercent / 100) * this.#random.next()));
  }

  /** Undefined when healthy. */
  async #check(checked: Checked): Promise<Error | undefined> {
    const { check, timeoutMs } = this.#options;
    checked.running = new AbortController();
    try {
      await inTime(this.#clock, timeoutMs, checked.running, (signal) =>
        check(checked.endpoint, signal),
      );
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      checked.running = undefined;
    }
  }

  #count(checked: Checked, error: Error | undefined): void {
    const { unhealthyThreshold, healthyThreshold } = this.#options;
    if (error === undefined) {
      checked.inRow = Math.max(0, checked.inRow) + 1;
      if (checked.inRow >= healthyThreshold) {
        this.#verdict(checked.endpoint, true, `${checked.inRow} checks succeeded`);
      }
    } else {
      checked.inRow = Math.min(0, checked.inRow) - 1;
      if (-checked.inRow >= unhealthyThreshold) {
        const reason = `${-checked.inRow} checks failed, the last one: ${error.message}`;
        this.#verdict(checked.endpoint, false, reason);
      }
    }
  }
}
