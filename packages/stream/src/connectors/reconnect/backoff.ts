import { type Clock, pause } from "@quorate/runtime";
import { StreamError } from "../../stream-error.ts";

export interface ReconnectOptions {
  /**
   * Milliseconds before the first attempt to connect again; each that fails doubles them.
   *
   * @default 1000
   */
  readonly retryMs?: number;
  /** Milliseconds between two attempts at most, whatever the server asks for. @default 30000 */
  readonly maxRetryMs?: number;
  /**
   * Milliseconds without a connection, beyond which a failed attempt is the last: the source fails
   * with `unavailable`.
   *
   * @default 120000
   */
  readonly retryForMs?: number;
}

/** When to connect again, and when no more. */
export class Backoff {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #maxRetryMs: number;
  readonly #retryForMs: number;
  #retryMs: number;
  #nextMs: number;
  #giveUpAtMs: number | undefined;

  constructor(
    { retryMs = 1_000, maxRetryMs = 30_000, retryForMs = 120_000 }: ReconnectOptions,
    clock: Clock,
    signal: AbortSignal,
  ) {
    for (const [name, value] of Object.entries({ retryMs, maxRetryMs, retryForMs })) {
      if (value >= 0) continue;
      throw new StreamError("invalid-option", `${name} must be 0 or above, not ${value}`);
    }
    this.#clock = clock;
    this.#signal = signal;
    this.#maxRetryMs = maxRetryMs;
    this.#retryForMs = retryForMs;
    this.#retryMs = Math.min(retryMs, maxRetryMs);
    this.#nextMs = this.#retryMs;
  }

  /** The server asks for this many milliseconds. */
  ask(retryMs: number): void {
    this.#retryMs = Math.min(retryMs, this.#maxRetryMs);
    this.#nextMs = this.#retryMs;
  }

  /** There is a connection: it is tried anew when it ends, but not faster. */
  connected(): void {
    this.#giveUpAtMs = undefined;
  }

  /** Something was read. */
  succeeded(): void {
    this.#nextMs = this.#retryMs;
  }

  /**
   * Resolves when it is time to connect again, or nothing more is wanted.
   *
   * @throws {StreamError} `unavailable`: it was tried for long enough
   */
  async wait(url: string, cause: unknown): Promise<void> {
    if (this.#signal.aborted) return;
    this.#giveUpAtMs ??= this.#clock.now() + this.#retryForMs;
    if (this.#clock.now() >= this.#giveUpAtMs) {
      const reason = cause instanceof Error ? cause.message : "it ends each connection";
      throw new StreamError("unavailable", `${url}: ${reason}`, { cause });
    }
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(Math.max(1, 2 * waitMs), this.#maxRetryMs);
    await pause(this.#clock, waitMs, [this.#signal]);
  }
}
