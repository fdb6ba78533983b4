import type { AttemptControl } from "./attempt-control.ts";
import type { BalancerMetrics } from "./balancer-metrics.ts";
import type { Endpoint, EndpointStatus } from "./endpoint.ts";
import type { HealthEvent } from "./health-event.ts";
import type { Outcome } from "./outcome.ts";
import type { Pick, PickContext } from "./pick.ts";

/** One attempt of `execute`. */
export interface Attempt {
  /** 1 for the first; retries and hedges count on. */
  readonly number: number;
  /** Aborts when the caller gives up, or another attempt has won. */
  readonly signal: AbortSignal;
  readonly isHedge: boolean;
}

export interface AcquireOptions {
  readonly signal?: AbortSignal;
  /** Most time in the pending queue. @default the options' `pending.timeoutMs` */
  readonly timeoutMs?: number;
}

export interface ExecuteOptions<T> {
  /**
   * Whether the request may be sent twice. If not, only attempts that failed to connect are retried,
   * and nothing is hedged.
   *
   * @default false
   */
  readonly idempotent?: boolean;
  /** Whether a result is a success for the endpoint: an answer with status 500 is none. */
  readonly classify?: (result: T) => Outcome;
  readonly context?: PickContext;
  readonly signal?: AbortSignal;
}

/** Picks endpoints, and learns from how the requests ended. */
export interface LoadBalancer {
  /**
   * An endpoint for one request, at once.
   *
   * @throws {LoadBalancerError} `no-endpoints`, `overloaded`, `shed`, `circuit-open`, `stopped`
   */
  pick(context?: PickContext): Pick;
  /**
   * Like `pick`, but at the concurrency limit it waits in the pending queue: first come, first served.
   * Aborted, it has taken nothing and rejects with the signal's reason.
   *
   * @throws {LoadBalancerError} besides: `deadline`
   */
  acquire(context?: PickContext, options?: AcquireOptions): Promise<Pick>;
  /**
   * Calls, and where the options allow it retries and hedges, all within one budget. Marks each pick
   * done. Resolves with the first result that is a success, else with the last attempt's result or
   * error; the attempts that lost are aborted.
   *
   * @throws {LoadBalancerError} as `acquire`; or what `call` threw last
   */
  execute<T>(
    call: (pick: Pick, attempt: Attempt) => Promise<T>,
    options?: ExecuteOptions<T>,
  ): Promise<T>;
  /** What `execute` decides by, for drivers that run their attempts themselves. */
  readonly attempts: AttemptControl;
  /**
   * A new snapshot of the whole fleet. What is not in it drains; what was there keeps what is known
   * about it.
   *
   * @throws {LoadBalancerError} `invalid-option`; then nothing has changed
   */
  update(endpoints: readonly Endpoint[]): void;
  readonly endpoints: readonly EndpointStatus[];
  /**
   * Told of each change synchronously, in order: what it throws reaches whoever caused the change.
   * Returns what unsubscribes.
   */
  onChange(listener: (event: HealthEvent) => void): () => void;
  metrics(): BalancerMetrics;
  /** In words: what keeps endpoints from getting requests; empty when nothing does. */
  explain(): readonly string[];
  /**
   * Begins active checks, outlier intervals, and reading the snapshots, the first of which it waits
   * for. Picks work before. Later snapshots that fail or are invalid change nothing; see `explain`.
   *
   * @throws what the snapshots threw first; {LoadBalancerError} `invalid-option` for a bad one
   */
  start(): Promise<void>;
  /** Ends them; those who wait get `stopped`. Requests in flight may still be marked done. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
