import type { Clock } from "@quorate/runtime";
import { KvError } from "../kv-error.ts";
import type { Deadline } from "./attempts.ts";
import { type CallOptions, checkedMs, type ValidatedClientOptions } from "./client-options.ts";

/** How many calls are under way, how many may be, and until when one may be tried. */
export class CallLimits {
  readonly #options: ValidatedClientOptions;
  readonly #clock: Clock;
  #inflight = 0;
  #whenIdle: (() => void)[] = [];

  constructor(options: ValidatedClientOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Of a call that begins now. @throws {KvError} `invalid-option`. */
  deadline({ signal, timeoutMs = this.#options.timeoutMs }: CallOptions): Deadline {
    return { atMs: this.#clock.now() + checkedMs("timeoutMs", timeoutMs), signal };
  }

  /** False when too many are under way; else `leave` must follow. */
  enter(): boolean {
    if (this.#inflight >= this.#options.maxInflight) return false;
    this.#inflight++;
    return true;
  }

  leave(): void {
    if (--this.#inflight > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Resolves when none is under way. */
  idle(): Promise<void> {
    if (this.#inflight === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Runs `call` as one of those that are under way. @throws {KvError} `overloaded`. */
  async counted<T>(call: () => Promise<T>): Promise<T> {
    if (!this.enter()) throw this.overloaded();
    try {
      return await call();
    } finally {
      this.leave();
    }
  }

  overloaded(): KvError {
    return new KvError("overloaded", `${this.#options.maxInflight} calls are under way already`);
  }
}
