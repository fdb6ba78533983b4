import type { AttemptControl } from "./attempt-control.ts";
import type { Clock, Random } from "@quorate/runtime";
import type { RetryBudget } from "./core/retry-budget.ts";
import type { RetryOptions } from "./options.ts";

const DEFAULT_MAX_ATTEMPTS = 3;
const DEFAULT_BACKOFF_MS = 25;

/** What the rules use of their balancer. */
export interface AttemptHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly budget: RetryBudget;
  readonly retry: RetryOptions;
  /** After how long to hedge; undefined for not at all. */
  hedgeDelayMs(): number | undefined;
  count(what: "retries" | "hedges" | "hedgeWins" | "budgetExhausted"): void;
}

/** The rules of `execute`, one question at a time: the same budget, counts and pauses. */
export class BudgetedAttempts implements AttemptControl {
  readonly #host: AttemptHost;

  constructor(host: AttemptHost) {
    this.#host = host;
  }

  begin(): void {
    this.#host.budget.request(this.#host.clock.now());
  }

  /** The first retry goes at once, for it goes elsewhere; then full jitter, doubled each time. */
  retry(number: number): number | undefined {
    if (!this.#withdraw(number)) return undefined;
    this.#host.count("retries");
    if (number === 2) return 0;
    const { backoffMs = DEFAULT_BACKOFF_MS } = this.#host.retry;
    return this.#host.random.next() * backoffMs * 2 ** (number - 3);
  }

  hedgeDelayMs(): number | undefined {
    return this.#host.hedgeDelayMs();
  }

  /** One hedge a request, and none once it has been retried. */
  hedge(number: number): boolean {
    if (number > 2 || !this.#withdraw(number)) return false;
    this.#host.count("hedges");
    return true;
  }

  hedgeWon(): void {
    this.#host.count("hedgeWins");
  }

  #withdraw(number: number): boolean {
    const { budget, clock, retry } = this.#host;
    if (number > (retry.maxAttempts ?? DEFAULT_MAX_ATTEMPTS)) return false;
    const allowed = budget.withdraw(clock.now());
    if (!allowed) this.#host.count("budgetExhausted");
    return allowed;
  }
}
