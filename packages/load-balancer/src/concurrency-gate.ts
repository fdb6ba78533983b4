import type { Clock } from "@quorate/runtime";
import { Gradient2 } from "./core/gradient2.ts";
import { LoadBalancerError } from "./load-balancer-error.ts";
import { type LoadBalancerOptions, MOST_IMPORTANT } from "./options.ts";

interface Waiter {
  readonly enter: () => void;
  readonly refuse: (reason: unknown) => void;
}

/** A limit on requests at once, the queue before it, and what is shed. */
export class ConcurrencyGate {
  readonly #clock: Clock;
  readonly #maxPending: number;
  readonly #timeoutMs: number;
  readonly #shedAbove: readonly number[];
  readonly #fixed: number | undefined;
  readonly #gradient: Gradient2 | undefined;
  readonly #waiting: Waiter[] = [];
  #inFlight = 0;
  shed = 0;
  overloaded = 0;
  deadlines = 0;

  constructor({ concurrency, pending = {}, shedAbove = [] }: LoadBalancerOptions, clock: Clock) {
    this.#clock = clock;
    this.#maxPending = pending.max ?? 1_000;
    this.#timeoutMs = pending.timeoutMs ?? 1_000;
    this.#shedAbove = shedAbove;
    if (concurrency === undefined) return;
    if ("limit" in concurrency) this.#fixed = concurrency.limit;
    else this.#gradient = new Gradient2(concurrency.adaptive);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get pending(): number {
    return this.#waiting.length;
  }

  /** Undefined when there is none. */
  get limit(): number | undefined {
    return this.#fixed ?? this.#gradient?.limit;
  }

  /** @throws {LoadBalancerError} `shed`, `overloaded` */
  enter(priority: number | undefined): void {
    this.#shed(priority);
    if (!this.#hasRoom()) {
      this.overloaded++;
      throw new LoadBalancerError("overloaded", `${this.#inFlight} requests are in flight`);
    }
    this.#inFlight++;
  }

  /** Undefined when the request may go at once; it is in then. @throws as `enter` */
  wait(
    priority: number | undefined,
    signal: AbortSignal | undefined,
    timeoutMs: number = this.#timeoutMs,
  ): Promise<void> | undefined {
    this.#shed(priority);
    if (this.#hasRoom() && this.#waiting.length === 0) {
      this.#inFlight++;
      return undefined;
    }
    if (this.#waiting.length >= this.#maxPending) {
      this.overloaded++;
      throw new LoadBalancerError("overloaded", `${this.#waiting.length} requests wait already`);
    }
    return this.#queue(signal, timeoutMs);
  }

  /** A request ended; `latencyMs` is -1 when it says nothing about the load. */
  leave(latencyMs: number): void {
    if (latencyMs >= 0) this.#gradient?.sample(latencyMs, this.#inFlight);
    this.#inFlight--;
    while (this.#waiting.length > 0 && this.#hasRoom()) {
      this.#inFlight++;
      this.#waiting.shift()?.enter();
    }
  }

  stop(): void {
    const stopped = new LoadBalancerError("stopped", "the balancer was stopped");
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(stopped);
  }

  #hasRoom(): boolean {
    const limit = this.limit;
    return limit === undefined || this.#inFlight < limit;
  }

  #shed(priority = MOST_IMPORTANT): void {
    if (this.#shedAbove.length === 0) return;
    const limit = this.limit;
    const share = this.#shedAbove[Math.min(priority, this.#shedAbove.length - 1)];
    if (limit === undefined || share === undefined || this.#inFlight < share * limit) return;
    // All in use is for the queue to judge.
    if (share >= 1) return;
    this.shed++;
    throw new LoadBalancerError("shed", `priority ${priority} is shed at ${share} of the limit`);
  }

  #queue(signal: AbortSignal | undefined, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void): void => {
        timer.cancel();
        signal?.removeEventListener("abort", abort);
        outcome();
      };
      const waiter: Waiter = {
        enter: () => settle(resolve),
        refuse: (reason) => settle(() => reject(reason)),
      };
      const leave = (reason: unknown): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        waiter.refuse(reason);
      };
      const abort = (): void => leave(signal?.reason);
      const timer = this.#clock.setTimer(timeoutMs, () => {
        this.deadlines++;
        leave(new LoadBalancerError("deadline", `no place in ${timeoutMs} ms`));
      });
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiting.push(waiter);
    });
  }
}
