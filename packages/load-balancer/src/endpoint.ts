/** Where requests can be sent. Plain data: two endpoints of one `id` are the same one. */
export interface Endpoint {
  /** Unique in the fleet; what hashing, affinity and metrics know the endpoint by. */
  readonly id: string;
  /** For HTTP: scheme, host and port. */
  readonly url?: string;
  readonly host: string;
  readonly port: number;
  /**
   * Its share relative to the others' weights: above 0, finite. Two endpoints of weights 2 and 1 are
   * expected to bear loads of 2 to 1.
   *
   * @default 1
   */
  readonly weight?: number;
  /** Where it is; compared with `localZone` of the options. */
  readonly zone?: string;
  /**
   * A whole number from 0, the most preferred. Those of the next number get traffic only as those
   * before are unhealthy.
   *
   * @default 0
   */
  readonly priority?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * - `healthy`: gets requests.
 * - `unhealthy`: active checks failed; gets none, unless the fleet is in panic.
 * - `ejected`: an outlier, for a time; gets none, unless the fleet is in panic.
 * - `draining`: was removed, and finishes what it has; gets none.
 */
export type EndpointState = "healthy" | "unhealthy" | "ejected" | "draining";

/** An endpoint as the balancer sees it now: a copy. */
export interface EndpointStatus {
  readonly endpoint: Endpoint;
  readonly state: EndpointState;
  /** Picks that are not done. */
  readonly inFlight: number;
  /** The weight in force: less than the endpoint's while it starts slowly. */
  readonly weight: number;
  /** What the policy expects of a response now, milliseconds; undefined as long as it cannot know. */
  readonly latencyMs: number | undefined;
  /** By the balancer's clock; only of an ejected one. */
  readonly ejectedUntilMs?: number;
  /** Only with a circuit breaker. */
  readonly circuit?: "closed" | "open" | "half-open";
}
