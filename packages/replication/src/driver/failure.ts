import { ReplicationError } from "../replication-error.ts";

/** Why a node had to stop by itself, with all that led to it. */
export function failureOf(
  code: "storage-failed" | "invariant-broken",
  cause: unknown,
): ReplicationError {
  return new ReplicationError(code, messagesOf(cause).join(": "), { cause });
}

/** What went wrong, and what made it go wrong. */
function messagesOf(error: unknown): string[] {
  if (error instanceof Error) return [error.message, ...messagesOf(error.cause)];
  return typeof error === "string" ? [error] : [];
}
