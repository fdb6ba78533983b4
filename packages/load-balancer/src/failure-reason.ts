import type { Outcome } from "./outcome.ts";

type Reason = (Outcome & { readonly kind: "failure" })["reason"];

/** By `code`, of Node's sockets and undici's errors. Only what surely came before a byte was sent is `connect`. */
const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: "connect",
  ENOTFOUND: "connect",
  EAI_AGAIN: "connect",
  EHOSTUNREACH: "connect",
  ENETUNREACH: "connect",
  UND_ERR_CONNECT_TIMEOUT: "connect",
  ETIMEDOUT: "timeout",
  UND_ERR_HEADERS_TIMEOUT: "timeout",
  UND_ERR_BODY_TIMEOUT: "timeout",
  ECONNRESET: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
};

const DEEPEST_CAUSE = 5;

/** Why a call failed, by the `code` of its error or of what caused it; `error` when unknown. */
export function failureReason(error: unknown): Reason {
  let at = error;
  for (let depth = 0; depth < DEEPEST_CAUSE && at instanceof Error; depth++) {
    const reason = REASONS[String((at as Error & { readonly code?: unknown }).code)];
    if (reason !== undefined) return reason;
    if (at.name === "TimeoutError") return "timeout";
    at = at.cause;
  }
  return "error";
}
