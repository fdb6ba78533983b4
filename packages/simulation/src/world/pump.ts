import { SimulationError } from "../simulation-error.ts";
import type { Scheduler } from "./scheduler.ts";

/** Events after which the real event loop gets a turn, for progress bars and Ctrl-C. */
const EVENTS_PER_TURN = 1_000;

/** What a caller waits for: the pump runs as long as somebody waits. */
interface Goal {
  readonly isReached: () => boolean;
  readonly untilMs: number;
  readonly reached: () => void;
  readonly missed: () => void;
  readonly failed: (error: unknown) => void;
}

/** Told what the pump is about to do: the guard against the real world stands there. */
export interface Surroundings {
  /** Somebody begins to wait. */
  readonly begin: () => void;
  /** Events run from here on, and what follows from them. */
  readonly enter: () => void;
  /** Code that is not of the world may run from here on. */
  readonly leave: () => void;
  /** Nobody waits any more. */
  readonly end: () => void;
}

/**
 * Runs events one after the other, and all promise callbacks that follow from one before the next.
 *
 * `process.nextTick` from within a microtask runs when the microtask queue is empty, however long the
 * chains in it: that is the only thing it is used for, and decides nothing. (A turn of the event loop
 * by `setImmediate` would do the same, at twice the price; see docs/decisions/0065.)
 */
export class Pump {
  readonly #scheduler: Scheduler;
  readonly #around: Surroundings;
  readonly #goals = new Set<Goal>();
  #running = false;
  #inside = false;
  #events = 0;
  #failure: unknown;

  constructor(scheduler: Scheduler, around: Surroundings) {
    this.#scheduler = scheduler;
    this.#around = around;
  }

  /** Events that were run. */
  get events(): number {
    return this.#events;
  }

  /** Whether the code that asks is run by the world. */
  get isInside(): boolean {
    return this.#inside;
  }

  /** Everybody who waits, now or later, gets this error. The first one counts. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  /**
   * Lets events happen until `isReached` (looked at after each event, and the promises that follow
   * from it), at most until `untilMs`; false when that came first.
   */
  run(isReached: () => boolean, untilMs: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      this.#goals.add({
        isReached,
        untilMs,
        reached: () => resolve(true),
        missed: () => resolve(false),
        failed: reject,
      });
      if (this.#running) return;
      this.#running = true;
      this.#around.begin();
      this.#afterMicrotasks(this.#goOn);
    });
  }

  /** Whoever waits is told that it was in vain. */
  stop(): void {
    this.fail(new SimulationError("disposed", "the simulation has ended"));
  }

  /** Those who waited go on, outside of the world. */
  readonly #turn = (): void => {
    this.#leave();
    this.#settleGoals();
    this.#afterMicrotasks(this.#goOn);
  };

  readonly #goOn = (): void => {
    if (this.#goals.size === 0) {
      this.#running = false;
      this.#around.end();
      return;
    }
    if (this.#hasSettled()) return this.#turn();
    this.#enter();
    this.#step();
  };

  readonly #step = (): void => {
    const next = this.#scheduler.nextAtMs() ?? Infinity;
    const goalMs = this.#earliestGoal();
    if (next > goalMs) {
      this.#scheduler.moveTo(goalMs);
    } else {
      this.#events++;
      try {
        this.#scheduler.step();
      } catch (error) {
        this.fail(error);
      }
      if (this.#events % EVENTS_PER_TURN === 0) return this.#pauseForEventLoop();
    }
    this.#afterMicrotasks(this.#afterEvent);
  };

  readonly #afterEvent = (): void => {
    if (this.#hasSettled()) this.#turn();
    else this.#step();
  };

  #pauseForEventLoop(): void {
    this.#afterMicrotasks(() => {
      this.#leave();
      setRealImmediate(this.#goOn);
    });
  }

  #enter(): void {
    this.#inside = true;
    this.#around.enter();
  }

  #leave(): void {
    if (!this.#inside) return;
    this.#inside = false;
    this.#around.leave();
  }

  #afterMicrotasks(next: () => void): void {
    queueMicrotask(() => process.nextTick(next));
  }

  #hasSettled(): boolean {
    if (this.#failure !== undefined) return true;
    for (const goal of this.#goals) if (this.#isOver(goal)) return true;
    return false;
  }

  #settleGoals(): void {
    for (const goal of this.#goals) {
      if (this.#failure !== undefined) goal.failed(this.#failure);
      else if (goal.isReached()) goal.reached();
      else if (this.#isOver(goal)) goal.missed();
      else continue;
      this.#goals.delete(goal);
    }
  }

  #isOver(goal: Goal): boolean {
    const next = this.#scheduler.nextAtMs() ?? Infinity;
    const isTimeUp = this.#scheduler.now() >= goal.untilMs && next > goal.untilMs;
    return isTimeUp || goal.isReached();
  }

  #earliestGoal(): number {
    let earliest = Infinity;
    for (const { untilMs } of this.#goals) earliest = Math.min(earliest, untilMs);
    return earliest;
  }
}

/** Taken before any guard can be in its place. */
const setRealImmediate = setImmediate;
