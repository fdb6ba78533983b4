import { CANCELLED, type Outcome } from "../outcome.ts";

const CONNECT: Outcome = { kind: "failure", reason: "connect" };
const TIMEOUT: Outcome = { kind: "failure", reason: "timeout" };
const RESET: Outcome = { kind: "failure", reason: "reset" };
const ERROR: Outcome = { kind: "failure", reason: "error" };

/** What the caller did, or asked for: says nothing about the endpoint, and would fail again. */
const CALLERS_CODES: ReadonlySet<string> = new Set([
  "ABORT_ERR",
  "UND_ERR_ABORT",
  "UND_ERR_ABORTED",
  "UND_ERR_DESTROYED",
  "UND_ERR_INVALID_ARG",
  "UND_ERR_INVALID_RETURN_VALUE",
  "UND_ERR_NOT_SUPPORTED",
  "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH",
]);

/** The pool was closed under the request, for its endpoint left the fleet. */
const POOL_CLOSED = "UND_ERR_CLOSED";

const TIMEOUT_CODES: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "UND_ERR_BODY_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);

/** Whether trying elsewhere is pointless. */
export function isCallersError(error: Error): boolean {
  return error.name === "AbortError" || CALLERS_CODES.has(codeOf(error));
}

/**
 * What an error says of the endpoint. `sent`: the request had a connection, so that some of it may
 * have arrived. An error that neither undici nor the system made came from the caller's own body or
 * handler.
 */
export function errorOutcome(error: Error, sent: boolean): Outcome {
  const code = codeOf(error);
  if (isCallersError(error) || code === POOL_CLOSED) return CANCELLED;
  if (!sent) return CONNECT;
  if (TIMEOUT_CODES.has(code)) return TIMEOUT;
  if (code === "UND_ERR_SOCKET" || "syscall" in error) return RESET;
  return code.startsWith("UND_ERR") || code.startsWith("HPE_") ? ERROR : CANCELLED;
}

function codeOf(error: Error): string {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "";
}
