import type { Random } from "@quorate/runtime";

/** Milliseconds. */
export interface BackoffOptions {
  /** The most that is waited after the first refusal. */
  readonly minBackoffMs: number;
  /** Doubled with each refusal up to this; to be far above two round trips and two disk writes. */
  readonly maxBackoffMs: number;
}

/**
 * How long a proposer waits that was outbid. Two that outbid each other for ever choose nothing (Paxos
 * Made Simple, §2.4); each draws its pause from a span that doubles, so that one of them soon has the
 * time for both phases to itself. One is for one value: the next begins with short pauses again.
 */
export class Backoff {
  readonly #options: BackoffOptions;
  readonly #random: Random;
  #spanMs: number;

  constructor(options: BackoffOptions, random: Random) {
    this.#options = options;
    this.#random = random;
    this.#spanMs = options.minBackoffMs;
  }

  /** Milliseconds to wait now. */
  next(): number {
    const waitMs = this.#spanMs * this.#random.next();
    this.#spanMs = Math.min(2 * this.#spanMs, this.#options.maxBackoffMs);
    return waitMs;
  }
}
