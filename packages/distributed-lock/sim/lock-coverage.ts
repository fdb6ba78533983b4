/** What runs of the locks must have exercised. */
export const LOCK_COVERAGE = [
  "grants",
  "grants after a wait",
  "reads granted",
  "permits granted",
  "grants with lock-delay",
  "locks lost: unreachable",
  "locks lost: revoked",
  "waits aborted",
  "waits timed out",
  "busy",
  "wake-ups",
  "releases confirmed",
  "releases unconfirmed",
  "sessions ended by the store",
  "sessions in jeopardy",
  "failovers",
  "writes accepted",
  "writes refused",
  "joins of places that were left",
  "late joins refused",
  "settled",
] as const;

export type LockCoverage = (typeof LOCK_COVERAGE)[number];
