import type { Clock, Timer } from "@quorate/runtime";
import { EventHeap, type ScheduledEvent } from "./event-heap.ts";

/** Times are multiples of this (2^-10 ms), so that sums and differences of them are exact. */
const TICKS_PER_MS = 1_024;

/** The world's own time, which only events move on, and what is to happen in it. */
export class Scheduler implements Clock {
  readonly #heap = new EventHeap();
  #nowMs = 0;
  #sequence = 0;

  now(): number {
    return this.#nowMs;
  }

  wallTime(): number {
    return this.#nowMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const event = this.at(this.#nowMs + Math.max(0, delayMs), fire);
    return { cancel: () => void (event.run = undefined) };
  }

  /** Schedules `run` at `atMs`, or now when that is past. */
  at(atMs: number, run: () => void): ScheduledEvent {
    const event = { atMs: Math.max(this.#nowMs, onGrid(atMs)), sequence: this.#sequence++, run };
    this.#heap.push(event);
    return event;
  }

  /** When the next event is due; undefined when there is none. */
  nextAtMs(): number | undefined {
    for (let next = this.#heap.peek(); next; next = this.#heap.peek()) {
      if (next.run) return next.atMs;
      this.#heap.pop();
    }
    return undefined;
  }

  /** Moves on to the next event, which must be there, and runs it. */
  step(): void {
    const event = this.#heap.pop()!;
    this.#nowMs = event.atMs;
    const { run } = event;
    event.run = undefined;
    run?.();
  }

  /** Moves on to `atMs`, before the next event. */
  moveTo(atMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, atMs);
  }
}

/** The next multiple of the grid from `ms` on. */
export function onGrid(ms: number): number {
  return Math.ceil(ms * TICKS_PER_MS) / TICKS_PER_MS;
}
