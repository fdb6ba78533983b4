/** Of one duration, in milliseconds, over all requests since the start; 0 when there were none. */
export interface DurationSummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/**
 * One endpoint. A request's latency is the sum of three parts: `queue` (the balancer's pending queue,
 * and the server's own as far as it tells), `processing` (until the first byte), `transmission`
 * (until done; 0 for picks without `firstByte`).
 */
export interface EndpointMetrics {
  readonly id: string;
  readonly picks: number;
  readonly inFlight: number;
  readonly successes: number;
  readonly failures: number;
  readonly cancelled: number;
  readonly ejections: number;
  /** Successes per second since the endpoint was added. */
  readonly throughputPerSecond: number;
  readonly latency: DurationSummary;
  readonly queue: DurationSummary;
  readonly processing: DurationSummary;
  readonly transmission: DurationSummary;
}

/** Counts since the balancer was made, and what is now. A copy. */
export interface BalancerMetrics {
  readonly picks: number;
  readonly retries: number;
  /** Retries and hedges that the budget did not allow. */
  readonly budgetExhausted: number;
  readonly hedges: number;
  /** Hedges that answered before the first attempt did. */
  readonly hedgeWins: number;
  readonly shed: number;
  readonly overloaded: number;
  /** Left the pending queue at their deadline. */
  readonly deadlines: number;
  /** Waiting now. */
  readonly pending: number;
  readonly inFlight: number;
  /** Most requests at once, now; undefined when there is no limit. */
  readonly concurrencyLimit: number | undefined;
  /** Whether too few endpoints are healthy, so that health is ignored. */
  readonly panic: boolean;
  readonly endpoints: readonly EndpointMetrics[];
}
