import { type Clock, inTime, type Random, type Timer } from "@quorate/runtime";
import { CheckResults, type Thresholds } from "../core/check-results.ts";
import type { CheckReport } from "../instance.ts";
import { requireThat, requireTimes } from "../registry-error.ts";

/** How the process looks whether it can serve. */
export interface Check extends Thresholds {
  /**
   * Resolves when all is well, or with what to warn of; rejects with the reason when requests should go
   * elsewhere. Whoever goes on after its signal has aborted is not waited for, and has failed.
   */
  readonly check: (signal: AbortSignal) => Promise<{ readonly warning: string } | void>;
  /** Milliseconds from the end of one to the next, a tenth more or less. @default 10_000 */
  readonly intervalMs?: number;
  /** Milliseconds. @default 5_000 */
  readonly timeoutMs?: number;
}

const MAX_NOTE = 200;

/** Runs one check again and again. */
export class RunningCheck {
  readonly #check: Required<Check>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #changed: () => void;
  readonly #results: CheckResults;
  readonly #ended = new AbortController();
  #timer: Timer | undefined;

  /** @throws {RegistryError} `invalid-option`. */
  constructor(check: Check, clock: Clock, random: Random, changed: () => void) {
    this.#check = validated(check);
    this.#clock = clock;
    this.#random = random;
    this.#changed = changed;
    this.#results = new CheckResults(this.#check);
  }

  get report(): CheckReport {
    return this.#results.report;
  }

  /** Resolves after the first result, and goes on. */
  async run(): Promise<void> {
    const result = await this.#result();
    if (this.#ended.signal.aborted) return;
    this.#results.add(result);
    this.#changed();
    const delayMs = this.#check.intervalMs * (0.9 + 0.2 * this.#random.next());
    this.#timer = this.#clock.setTimer(delayMs, () => void this.run());
  }

  stop(): void {
    this.#timer?.cancel();
    this.#ended.abort(new Error("the registration has ended"));
  }

  async #result(): Promise<CheckReport> {
    const { check, timeoutMs } = this.#check;
    const running = new AbortController();
    const end = (): void => running.abort(this.#ended.signal.reason);
    this.#ended.signal.addEventListener("abort", end);
    try {
      const found = await inTime(this.#clock, timeoutMs, running, async (signal) => check(signal));
      if (!found) return { health: "passing", note: "" };
      return { health: "warning", note: found.warning.slice(0, MAX_NOTE) };
    } catch (error) {
      const note = error instanceof Error ? error.message : String(error);
      return { health: "critical", note: note.slice(0, MAX_NOTE) };
    } finally {
      this.#ended.signal.removeEventListener("abort", end);
    }
  }
}

function validated(check: Check): Required<Check> {
  const { intervalMs = 10_000, timeoutMs = 5_000 } = check;
  const { healthyThreshold = 1, unhealthyThreshold = 2 } = check;
  requireTimes({ intervalMs, timeoutMs });
  for (const [name, value] of Object.entries({ healthyThreshold, unhealthyThreshold })) {
    requireThat(
      Number.isInteger(value) && value >= 1,
      `${name} must be a whole number from 1, not ${value}`,
    );
  }
  return { check: check.check, intervalMs, timeoutMs, healthyThreshold, unhealthyThreshold };
}
