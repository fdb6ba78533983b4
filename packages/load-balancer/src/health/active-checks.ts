import type { Clock, Random, Timer } from "@quorate/runtime";
import type { Endpoint } from "../endpoint.ts";
import type { HealthCheckOptions } from "./health-check.ts";

interface Checked {
  readonly endpoint: Endpoint;
  readonly stopped: AbortController;
  timer: Timer | undefined;
  /** Results in a row: above 0 successes, below 0 failures. */
  inRow: number;
}

/** Told of each verdict; the same one may come again and again. */
export type Verdict = (endpoint: Endpoint, healthy: boolean, reason: string) => void;

/** Checks each endpoint by itself, one check at a time; the first within one jittered interval. */
export class ActiveChecks {
  readonly #options: HealthCheckOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #verdict: Verdict;
  readonly #checked = new Map<string, Checked>();

  constructor(options: HealthCheckOptions, clock: Clock, random: Random, verdict: Verdict) {
    this.#options = options;
    this.#clock = clock;
    this.#random = random;
    this.#verdict = verdict;
  }

  /** These, and no others, are checked from now on. */
  watch(endpoints: readonly Endpoint[]): void {
    const ids = new Set(endpoints.map(({ id }) => id));
    for (const [id, checked] of this.#checked) if (!ids.has(id)) this.#end(id, checked);
    for (const endpoint of endpoints) {
      if (this.#checked.has(endpoint.id)) continue;
      const stopped = new AbortController();
      const checked: Checked = { endpoint, stopped, timer: undefined, inRow: 0 };
      this.#checked.set(endpoint.id, checked);
      this.#schedule(checked, this.#random.next() * (this.#options.intervalMs ?? 5_000));
    }
  }

  stop(): void {
    this.watch([]);
  }

  #end(id: string, checked: Checked): void {
    this.#checked.delete(id);
    checked.timer?.cancel();
    checked.stopped.abort();
  }

  #schedule(checked: Checked, delayMs: number): void {
    checked.timer = this.#clock.setTimer(delayMs, () => void this.#run(checked));
  }

  async #run(checked: Checked): Promise<void> {
    const { intervalMs = 5_000, jitterPercent = 20 } = this.#options;
    const error = await this.#check(checked);
    if (checked.stopped.signal.aborted) return;
    this.#count(checked, error);
    this.#schedule(checked, intervalMs * (1 + (jitterPercent / 100) * this.#random.next()));
  }

  /** Undefined when healthy. */
  async #check({ endpoint, stopped }: Checked): Promise<Error | undefined> {
    const { check, timeoutMs = 1_000 } = this.#options;
    const ended = new AbortController();
    const stop = (): void => ended.abort(stopped.signal.reason);
    stopped.signal.addEventListener("abort", stop, { once: true });
    const timer = this.#clock.setTimer(timeoutMs, () =>
      ended.abort(new Error(`no answer in ${timeoutMs} ms`)),
    );
    try {
      await check(endpoint, ended.signal);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    } finally {
      timer.cancel();
      stopped.signal.removeEventListener("abort", stop);
    }
  }

  #count(checked: Checked, error: Error | undefined): void {
    const { unhealthyThreshold = 3, healthyThreshold = 2 } = this.#options;
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
