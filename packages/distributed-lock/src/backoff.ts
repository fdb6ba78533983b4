import { type Clock, pause as pauseBy, type Random } from "@quorate/runtime";
import type { Cancellation } from "./ending.ts";

const FIRST_RETRY_MS = 20;
const MAX_RETRY_MS = 1_000;

/** Waits between attempts at a store that does not answer: full jitter, doubling up to a second. */
export class Backoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #attempts = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Rejects with the signal's reason when that aborts first. */
  wait(signal: Cancellation): Promise<void> {
    const mostMs = Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#attempts++);
    return pause(this.#clock, mostMs * (0.5 + 0.5 * this.#random.next()), signal);
  }

  reset(): void {
    this.#attempts = 0;
  }
}

/** Resolves after `ms`; rejects with the signal's reason when that aborts first. */
export async function pause(clock: Clock, ms: number, signal: Cancellation): Promise<void> {
  await pauseBy(clock, ms, [signal]);
  if (signal.aborted) throw signal.reason;
}
