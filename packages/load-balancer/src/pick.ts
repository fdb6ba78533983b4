import type { Endpoint } from "./endpoint.ts";
import type { Outcome } from "./outcome.ts";

/** What a request asks of the pick; all of it optional. */
export interface PickContext {
  /** For ring hash, Maglev and bounded load; without it these pick at random. */
  readonly hashKey?: string | Uint8Array;
  /** The id of the endpoint of a sticky session: picked whenever it is healthy and not excluded. */
  readonly affinity?: string;
  /** For load shedding: a whole number from 0, the most important. */
  readonly priority?: number;
  /** Ids of endpoints that were tried already; picked only if there is no other. */
  readonly exclude?: ReadonlySet<string>;
}

/** A request's place at an endpoint: counted as in flight until `done`. */
export interface Pick {
  readonly endpoint: Endpoint;
  /**
   * The first byte of the answer is there: what went before was queueing and processing, what comes
   * now is transmission. `queueMs` is what the server says of its own queue (0 or more), if it does.
   * Policies, hedging and the adaptive limit then go by the time until now: how long a stream lasts,
   * or a slow reader takes, is not the endpoint's doing.
   */
  firstByte?(queueMs?: number): void;
  /** Must be called exactly once; later calls do nothing. */
  done(outcome: Outcome): void;
}
