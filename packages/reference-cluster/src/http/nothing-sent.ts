import { errors } from "undici";

/** Whether a request surely did not reach anybody: it had no connection. */
export function isNothingSent(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === "ECONNREFUSED" || error instanceof errors.ConnectTimeoutError;
}
