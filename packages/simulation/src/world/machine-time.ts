import type { Clock, Timer } from "@quorate/runtime";
import type { Life } from "./life.ts";
import { onGrid, type Scheduler } from "./scheduler.ts";

/** What the hardware of one node makes of the world's time. Goes on while the node is down. */
export class MachineTime {
  readonly #scheduler: Scheduler;
  #rate = 1;
  #sinceMs = 0;
  #baseMs = 0;
  #wallOffsetMs = 0;

  constructor(scheduler: Scheduler, startMs: number, rate: number) {
    this.#scheduler = scheduler;
    this.#baseMs = onGrid(startMs);
    this.#rate = rate;
  }

  now(): number {
    return this.#baseMs + (this.#scheduler.now() - this.#sinceMs) * this.#rate;
  }

  wallTime(): number {
    return Math.round(this.now() + this.#wallOffsetMs);
  }

  /** From now on it runs at `rate` times the world's speed. */
  setRate(rate: number): void {
    this.#baseMs = this.now();
    this.#sinceMs = this.#scheduler.now();
    this.#rate = rate;
  }

  jumpWallTime(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** The world's time at which this clock will have shown `delayMs` more: never too early. */
  worldTimeAfter(delayMs: number): number {
    const target = this.now() + Math.max(0, delayMs);
    let atMs = onGrid(this.#scheduler.now() + Math.max(0, delayMs) / this.#rate);
    while (this.#baseMs + (atMs - this.#sinceMs) * this.#rate < target) atMs = onGrid(atMs + 2e-4);
    return atMs;
  }
}

/** The clock of one life of a node: its timers die with it. */
export class NodeClock implements Clock {
  readonly #time: MachineTime;
  readonly #scheduler: Scheduler;
  readonly #life: Life;

  constructor(time: MachineTime, scheduler: Scheduler, life: Life) {
    this.#time = time;
    this.#scheduler = scheduler;
    this.#life = life;
  }

  now(): number {
    return this.#time.now();
  }

  wallTime(): number {
    return this.#time.wallTime();
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    let cancelled = false;
    // A timer that fell due while the program was paused may still be cancelled before it fires.
    const due = (): void => {
      if (!cancelled) fire();
    };
    const event = this.#scheduler.at(this.#time.worldTimeAfter(delayMs), () =>
      this.#life.enter(due),
    );
    return {
      cancel: () => {
        cancelled = true;
        event.run = undefined;
      },
    };
  }
}
