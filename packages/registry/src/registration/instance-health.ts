import type { Clock, Random, Timer } from "@quorate/runtime";
import { type CheckReport, type Health, worst } from "../instance.ts";
import { RunningCheck } from "./check.ts";
import type { ValidatedRegisterOptions } from "./options.ts";

const MAX_NOTE = 200;

/** What an instance's checks and its own word come to, and since when. */
export class InstanceHealth {
  readonly #checks = new Map<string, RunningCheck>();
  readonly #clock: Clock;
  readonly #changed: () => void;
  readonly #limitMs: number;
  #self: CheckReport = { health: "passing", note: "" };
  #criticalSinceMs: number | undefined;
  #timer: Timer | undefined;

  /** `changed` is told whenever there may be something new. @throws {RegistryError} `invalid-option`. */
  constructor(
    { checks, deregisterAfterCriticalMs }: ValidatedRegisterOptions,
    clock: Clock,
    random: Random,
    changed: () => void,
  ) {
    this.#clock = clock;
    this.#changed = changed;
    this.#limitMs = deregisterAfterCriticalMs;
    for (const [name, check] of Object.entries(checks)) {
      this.#checks.set(name, new RunningCheck(check, clock, random, () => this.#look()));
    }
  }

  get health(): Health {
    return worst(Object.values(this.reports));
  }

  get reports(): Readonly<Record<string, CheckReport>> {
    const reports: Record<string, CheckReport> = { self: this.#self };
    for (const [name, { report }] of this.#checks) reports[name] = report;
    return reports;
  }

  /** Whether it has been critical for so long that it should not be found at all. */
  get isTooLongCritical(): boolean {
    const since = this.#criticalSinceMs;
    return since !== undefined && this.#clock.now() >= since + this.#limitMs;
  }

  /** Resolves when each check has had a result. */
  async start(): Promise<void> {
    await Promise.all([...this.#checks.values()].map((check) => check.run()));
  }

  report(health: Health, note: string): void {
    this.#self = { health, note: note.slice(0, MAX_NOTE) };
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
    for (const check of this.#checks.values()) check.stop();
  }

  #look(): void {
    if (this.health !== "critical") {
      this.#criticalSinceMs = undefined;
      this.#timer?.cancel();
    } else if (this.#criticalSinceMs === undefined) {
      this.#criticalSinceMs = this.#clock.now();
      if (this.#limitMs < Infinity) {
        this.#timer = this.#clock.setTimer(this.#limitMs, this.#changed);
      }
    }
    this.#changed();
  }
}
