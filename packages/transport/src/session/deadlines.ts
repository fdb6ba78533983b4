import type { Clock, Timer } from "@quorate/runtime";

/** Deadlines are kept to the next multiple of this: late by up to so much, never early. */
const RESOLUTION_MS = 8;

/** Something that expires unless it is removed first. Belongs to one `Deadlines` at a time. */
export abstract class Deadline {
  /** @internal */
  bucket: Bucket | undefined;
  /** @internal */
  before: Deadline | undefined;
  /** @internal */
  after: Deadline | undefined;

  abstract expire(): void;
}

interface Bucket {
  readonly tick: number;
  first: Deadline | undefined;
}

/**
 * Many deadlines behind one timer: a request costs two pointers, not a timer. A hashed timing wheel
 * without a fixed size; buckets are doubly linked lists, so that adding and removing are O(1).
 *
 * Source: G. Varghese and T. Lauck, "Hashed and hierarchical timing wheels", SOSP 1987, scheme 6.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #timer: Timer | undefined;
  #timerTick = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(deadline: Deadline, delayMs: number): void {
    const tick = Math.ceil((this.#clock.now() + delayMs) / RESOLUTION_MS);
    let bucket = this.#buckets.get(tick);
    if (!bucket) {
      bucket = { tick, first: undefined };
      this.#buckets.set(tick, bucket);
      if (tick < this.#timerTick) this.#arm(tick);
    }
    deadline.bucket = bucket;
    deadline.before = undefined;
    deadline.after = bucket.first;
    if (bucket.first) bucket.first.before = deadline;
    bucket.first = deadline;
  }

  /** Has no effect on a deadline that expired or was never added. */
  remove(deadline: Deadline): void {
    const { bucket, before, after } = deadline;
    if (!bucket) return;
    if (before) before.after = after;
    else bucket.first = after;
    if (after) after.before = before;
    deadline.bucket = deadline.before = deadline.after = undefined;
  }

  /** Nothing expires any more. */
  stop(): void {
    this.#timer?.cancel();
    this.#buckets.clear();
    this.#timerTick = Infinity;
  }

  #arm(tick: number): void {
    this.#timer?.cancel();
    this.#timerTick = tick;
    const delayMs = Math.max(0, tick * RESOLUTION_MS - this.#clock.now());
    this.#timer = this.#clock.setTimer(delayMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerTick = Infinity;
    const nowTick = Math.floor(this.#clock.now() / RESOLUTION_MS);
    const due: Bucket[] = [];
    let earliest = Infinity;
    for (const bucket of this.#buckets.values()) {
      if (bucket.tick <= nowTick) due.push(bucket);
      else if (!bucket.first) this.#buckets.delete(bucket.tick);
      else if (bucket.tick < earliest) earliest = bucket.tick;
    }
    if (earliest < Infinity) this.#arm(earliest);
    for (const bucket of due.toSorted((a, b) => a.tick - b.tick)) this.#expire(bucket);
  }

  #expire(bucket: Bucket): void {
    this.#buckets.delete(bucket.tick);
    for (let deadline = bucket.first; deadline; deadline = bucket.first) {
      this.remove(deadline);
      deadline.expire();
    }
  }
}
