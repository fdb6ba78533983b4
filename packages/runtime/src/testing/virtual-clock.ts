import type { Clock, Timer } from "../clock.ts";

interface Alarm {
  readonly atMs: number;
  readonly fire: () => void;
}

/** Promises that are settled one after the other before the clock moves on. */
const MICROTASK_ROUNDS = 20;

/** A clock that stands still until told to move. Starts at 0, on 1970-01-01. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  readonly #alarms = new Set<Alarm>();

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const alarm = { atMs: this.#nowMs + Math.max(0, delayMs), fire };
    this.#alarms.add(alarm);
    return { cancel: () => void this.#alarms.delete(alarm) };
  }

  /**
   * Moves on by `ms` and fires what falls due on the way, in the order of its time, and of its
   * setting where the times are equal. Between two timers, and at the end, promise callbacks run.
   */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settlePromises();
    for (let next = this.#earliest(untilMs); next; next = this.#earliest(untilMs)) {
      this.#nowMs = next.atMs;
      this.#alarms.delete(next);
      next.fire();
      await settlePromises();
    }
    this.#nowMs = untilMs;
  }

  /**
   * Moves on, from one timer to the next, until `promise` settles; its value or its rejection.
   *
   * @throws {Error} when it has not settled by `limitMs` from now.
   */
  async until<T>(promise: PromiseLike<T>, limitMs = 600_000): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    const endMs = this.#nowMs + limitMs;
    for (;;) {
      await settlePromises();
      if (isSettled) return promise;
      const next = this.#earliest(endMs);
      if (!next) throw new Error(`not settled at ${this.#nowMs} ms, and no timer before ${endMs}`);
      await this.advance(next.atMs - this.#nowMs);
    }
  }

  #earliest(untilMs: number): Alarm | undefined {
    let earliest: Alarm | undefined;
    for (const alarm of this.#alarms) {
      if (alarm.atMs <= untilMs && (!earliest || alarm.atMs < earliest.atMs)) earliest = alarm;
    }
    return earliest;
  }
}

async function settlePromises(): Promise<void> {
  for (let round = 0; round < MICROTASK_ROUNDS; round++) await Promise.resolve();
}
