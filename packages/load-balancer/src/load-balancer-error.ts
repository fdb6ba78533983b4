/**
 * Why a call failed. A closed list: callers may switch on it exhaustively.
 *
 * - `invalid-option`: an option or argument is out of its range; the message names it.
 * - `no-endpoints`: there is no endpoint, or none is healthy and panic is off.
 * - `overloaded`: the concurrency limit is reached and the pending queue is full, or there is none
 *   (`pick` never waits). Nothing was sent.
 * - `shed`: the request's priority is shed at this load. Nothing was sent.
 * - `deadline`: the request waited in the pending queue until its deadline. Nothing was sent.
 * - `circuit-open`: the circuit breakers of all candidates are open. Nothing was sent.
 * - `stopped`: the balancer was stopped. Nothing was sent.
 */
export type LoadBalancerErrorCode =
  | "invalid-option"
  | "no-endpoints"
  | "overloaded"
  | "shed"
  | "deadline"
  | "circuit-open"
  | "stopped";

/** The only error that this package throws of its own. */
export class LoadBalancerError extends Error {
  override readonly name = "LoadBalancerError";
  readonly code: LoadBalancerErrorCode;

  constructor(code: LoadBalancerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
