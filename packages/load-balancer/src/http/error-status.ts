import { LoadBalancerError } from "../load-balancer-error.ts";
import { RefusedRequest } from "./refused-request.ts";

const TIMEOUT_CODES: ReadonlySet<unknown> = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

/** The client's request was not fit to be sent. */
const REQUEST_CODES: ReadonlySet<unknown> = new Set([
  "UND_ERR_INVALID_ARG",
  "UND_ERR_NOT_SUPPORTED",
]);

/**
 * The status for a request that no endpoint answered: 503 when there was none to ask, 504 when one
 * took too long, 400 when the request cannot be sent on, else 502.
 */
export function errorStatus(error: Error): number {
  if (error instanceof RefusedRequest) return error.status;
  if (error instanceof LoadBalancerError) return 503;
  const { code } = error as { readonly code?: unknown };
  if (TIMEOUT_CODES.has(code)) return 504;
  return REQUEST_CODES.has(code) ? 400 : 502;
}
