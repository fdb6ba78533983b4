/** When an endpoint's circuit opens. */
export interface CircuitBreakerOptions {
  /** Failures in a row that open it. From 1. @default 5 */
  readonly failures?: number;
  /** How long it stays open before one request may try, milliseconds. @default 5000 */
  readonly openMs?: number;
}

export type CircuitState = "closed" | "open" | "half-open";

/**
 * Closed: all pass. Open: none. Half-open: one request tries; its success closes the circuit, its
 * failure opens it again, and a request that was cancelled lets another one try.
 *
 * Source: M. Nygard, "Release It!", 2007.
 */
export class CircuitBreaker {
  readonly #failures: number;
  readonly #openMs: number;
  #inRow = 0;
  #openUntilMs = -1;
  #trying = false;

  constructor({ failures = 5, openMs = 5_000 }: CircuitBreakerOptions = {}) {
    this.#failures = failures;
    this.#openMs = openMs;
  }

  state(nowMs: number): CircuitState {
    if (this.#openUntilMs < 0) return "closed";
    return nowMs < this.#openUntilMs ? "open" : "half-open";
  }

  /** Whether one more request may go there now. */
  allows(nowMs: number): boolean {
    const state = this.state(nowMs);
    return state === "closed" || (state === "half-open" && !this.#trying);
  }

  started(nowMs: number): void {
    if (this.state(nowMs) === "half-open") this.#trying = true;
  }

  /** `trial`: this is the request that was let through to try. */
  finished(nowMs: number, result: "success" | "failure" | "cancelled", trial: boolean): void {
    if (trial) this.#trying = false;
    // What was sent before the circuit opened says nothing about how it is now.
    if (result === "cancelled" || (this.#openUntilMs >= 0 && !trial)) return;
    if (result === "success") {
      this.#inRow = 0;
      this.#openUntilMs = -1;
    } else if (++this.#inRow >= this.#failures || trial) {
      this.#openUntilMs = nowMs + this.#openMs;
    }
  }

  /** When an open circuit lets one try; Infinity when it is not open. */
  get opensTrialAtMs(): number {
    return this.#openUntilMs < 0 ? Infinity : this.#openUntilMs;
  }
}
