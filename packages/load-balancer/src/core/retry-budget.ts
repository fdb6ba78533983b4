/** How many retries and hedges there may be. */
export interface RetryBudgetOptions {
  /** So many for each request, 0 to 10: 0.2 is one for every five. @default 0.2 */
  readonly ratio?: number;
  /** Besides, so many a second, for clients with few requests. From 0. @default 10 */
  readonly minPerSecond?: number;
  /** How long a request counts, milliseconds. @default 10000 */
  readonly windowMs?: number;
}

const BUCKETS = 10;

/**
 * Retries as a share of requests over a sliding window, so that they cannot multiply the load of a
 * fleet that is failing already. One budget for retries and hedges.
 *
 * Source: Finagle, com.twitter.finagle.service.RetryBudget.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #reserve: number;
  readonly #bucketMs: number;
  readonly #requests = new Float64Array(BUCKETS);
  readonly #retries = new Float64Array(BUCKETS);
  #bucket = 0;

  constructor({ ratio = 0.2, minPerSecond = 10, windowMs = 10_000 }: RetryBudgetOptions = {}) {
    this.#ratio = ratio;
    this.#reserve = (minPerSecond * windowMs) / 1_000;
    this.#bucketMs = windowMs / BUCKETS;
  }

  /** A first attempt. */
  request(nowMs: number): void {
    const at = this.#at(nowMs);
    this.#requests[at] = (this.#requests[at] as number) + 1;
  }

  /** Whether there may be one more; if so, it is counted. */
  withdraw(nowMs: number): boolean {
    const at = this.#at(nowMs);
    if (this.#balance() < 1) return false;
    this.#retries[at] = (this.#retries[at] as number) + 1;
    return true;
  }

  #balance(): number {
    let balance = this.#reserve;
    for (let at = 0; at < BUCKETS; at++) {
      balance += this.#ratio * (this.#requests[at] as number) - (this.#retries[at] as number);
    }
    // A hair, because a fifth five times is not quite one in binary.
    return balance + 1e-9;
  }

  #at(nowMs: number): number {
    const bucket = Math.floor(nowMs / this.#bucketMs);
    for (let old = Math.max(this.#bucket + 1, bucket - BUCKETS + 1); old <= bucket; old++) {
      this.#requests[old % BUCKETS] = 0;
      this.#retries[old % BUCKETS] = 0;
    }
    this.#bucket = Math.max(this.#bucket, bucket);
    return this.#bucket % BUCKETS;
  }
}
