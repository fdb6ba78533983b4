import type { Clock, Timer } from "@quorate/runtime";

/** The clock of a process that is stopped now and then: time has passed, and no timer has fired yet. */
export class PausedClock implements Clock {
  readonly #world: Clock;
  #pausedMs = 0;

  constructor(world: Clock) {
    this.#world = world;
  }

  pause(ms: number): void {
    this.#pausedMs += ms;
  }

  now(): number {
    return this.#world.now() + this.#pausedMs;
  }

  wallTime(): number {
    return this.#world.wallTime() + this.#pausedMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    return this.#world.setTimer(delayMs, fire);
  }
}
