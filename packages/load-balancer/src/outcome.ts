/**
 * How a request ended. `cancelled` says nothing about the endpoint (the caller gave up, or a hedge
 * won), so it neither counts as an error nor teaches the policy a latency.
 */
export type Outcome =
  | {
      readonly kind: "success";
      readonly status?: number;
      /** The connection became a WebSocket or a tunnel: how long that lived is no latency. */
      readonly upgraded?: true;
    }
  | {
      readonly kind: "failure";
      /**
       * `connect`: nothing was sent, so a retry is safe even if the request is not idempotent.
       * `status`: the answer says that the server is at fault (5xx).
       */
      readonly reason: "connect" | "timeout" | "reset" | "status" | "error";
      readonly status?: number;
    }
  | { readonly kind: "cancelled" };

/** For callers with nothing to add: saves an object a request. */
export const SUCCESS: Outcome = { kind: "success" };
export const CANCELLED: Outcome = { kind: "cancelled" };
