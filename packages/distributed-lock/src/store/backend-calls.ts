import { setMaxListeners } from "node:events";
import type { Clock } from "@quorate/runtime";
import type { BackendOptions } from "./backend-options.ts";
import { boundedCall, type CallBounds } from "./bounded-call.ts";
import type { StoreCall } from "./coordination-store.ts";
import { StoreError } from "./store-error.ts";
import { type ChangeWait, waitForChange } from "./wait-for-change.ts";

/** How an external store talks to its server: each call bounded, all ended when it is closed. */
export class BackendCalls {
  readonly pollMs: number;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #closing = new AbortController();

  constructor(clock: Clock, { requestTimeoutMs, pollMs }: Required<BackendOptions>) {
    this.#clock = clock;
    this.#timeoutMs = requestTimeoutMs;
    this.pollMs = pollMs;
    // As many as there are waits.
    setMaxListeners(0, this.#closing.signal);
  }

  /** Rejects with `stopped` once closed. */
  checkOpen(): void {
    this.#closing.signal.throwIfAborted();
  }

  async run<T>(call: StoreCall | undefined, operate: () => Promise<T>): Promise<T> {
    this.checkOpen();
    return boundedCall(this.#bounds(call), operate);
  }

  async wait(call: StoreCall | undefined, wait: ChangeWait): Promise<void> {
    this.checkOpen();
    const bounds = { ...this.#bounds(call), pollMs: this.pollMs, closing: this.#closing.signal };
    await waitForChange(bounds, wait);
  }

  /** Ends all waits, and refuses calls to come. */
  close(): void {
    this.#closing.abort(new StoreError("stopped", "the store was closed"));
  }

  #bounds(call: StoreCall | undefined): CallBounds {
    return { clock: this.#clock, timeoutMs: this.#timeoutMs, signal: call?.signal };
  }
}
