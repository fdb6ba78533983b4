import type { Random } from "@quorate/runtime";

/**
 * How long to wait before the next attempt: doubled from `minMs` to `maxMs`, the upper half drawn at
 * random, so that nodes that failed together do not come back together.
 *
 * Source: M. Brooker, "Exponential backoff and jitter", AWS architecture blog, 2015 ("equal jitter").
 */
export class Backoff {
  readonly #minMs: number;
  readonly #maxMs: number;
  readonly #random: Random;
  #ceilingMs: number;

  constructor(minMs: number, maxMs: number, random: Random) {
    this.#minMs = minMs;
    this.#maxMs = maxMs;
    this.#random = random;
    this.#ceilingMs = minMs;
  }

  /** Milliseconds from half of the current ceiling up to it. */
  next(): number {
    const ceilingMs = this.#ceilingMs;
    this.#ceilingMs = Math.min(this.#maxMs, ceilingMs * 2);
    return (ceilingMs * (1 + this.#random.next())) / 2;
  }

  reset(): void {
    this.#ceilingMs = this.#minMs;
  }
}
