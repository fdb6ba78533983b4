/**
 * How a server behaves over time. Its speed may change, it may stand still, and it may fail: all of
 * it fixed before the run, so that every policy meets the same world.
 */
export interface ServerPlan {
  /** Work done per millisecond, relative to the fleet's mean server: above 0. */
  readonly speed: number;
  /**
   * From `fromMs` on the speed is this, until the next of them; sorted. A speed of 0 is a pause: the
   * queue stands still.
   */
  readonly changes?: readonly SpeedChange[];
  /** While it lasts each request fails after `afterMs` and takes no place in the queue; sorted. */
  readonly failures?: readonly FailureSpan[];
}

export interface SpeedChange {
  readonly fromMs: number;
  readonly speed: number;
}

export interface FailureSpan {
  readonly fromMs: number;
  readonly untilMs: number;
  /**
   * How long a client waits for the error: a refused connection is quick; at a black hole, which
   * accepts and never answers, it is the client's timeout.
   */
  readonly afterMs: number;
}

/** A fleet, its clients, and what happens to it. */
export interface Scenario {
  readonly name: string;
  readonly clients: number;
  readonly servers: readonly ServerPlan[];
  /** Mean time of a request at a server of speed 1, milliseconds; exponentially distributed. */
  readonly meanServiceMs: number;
  /** Requests per second of all clients together; Poisson, each client alike. */
  readonly requestsPerSecond: number;
  readonly durationMs: number;
  /** Requests that come before are not counted: clients learn meanwhile. */
  readonly warmUpMs: number;
  /** One way, milliseconds. @default 0.25 */
  readonly networkMs?: number;
  /**
   * How often a request that failed is sent again, each time to another server; its latency counts
   * from the first attempt. @default 2
   */
  readonly retries?: number;
}
