import { ReplicationError } from "./replication-error.ts";

/** Bounds on what is remembered of sessions. The same on every node, or their states differ. */
export interface SessionOptions {
  /**
   * Milliseconds of log time without a command after which a session expires. Above 0.
   *
   * @default 3_600_000
   */
  readonly sessionTtlMs?: number;
  /**
   * Sessions that are remembered at once; one more expires the one that was used the longest ago.
   *
   * @default 10_000
   */
  readonly maxSessions?: number;
  /**
   * Results that a session keeps for retries. One more and the oldest is forgotten: a retry of that
   * command then gets `session-expired`. At least the commands that a client has under way at once.
   *
   * @default 10_000
   */
  readonly maxResultsPerSession?: number;
}

export function validatedSessionOptions(options: SessionOptions = {}): Required<SessionOptions> {
  const { sessionTtlMs = 3_600_000, maxSessions = 10_000, maxResultsPerSession = 10_000 } = options;
  if (!(sessionTtlMs > 0)) {
    throw new ReplicationError(
      "invalid-option",
      `sessionTtlMs must be above 0, not ${sessionTtlMs}`,
    );
  }
  for (const [name, value] of Object.entries({ maxSessions, maxResultsPerSession })) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new ReplicationError(
      "invalid-option",
      `${name} must be a whole number from 1, not ${value}`,
    );
  }
  return { sessionTtlMs, maxSessions, maxResultsPerSession };
}
