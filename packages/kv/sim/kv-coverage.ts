/** What runs of the store must have exercised. */
export const KV_COVERAGE = [
  "elections",
  "failovers during a write",
  "restarts",
  "snapshots taken",
  "snapshots received",
  "retried writes",
  "unknown outcomes",
  "sessions expired",
  "linearizable reads",
  "deletes",
  "compare-and-sets that changed",
  "compare-and-sets that failed",
  "keys retired",
  "unknown inserts that were done",
  "checked histories",
  "revisions watched",
  "watches compacted",
  "events watched",
  "fragments watched",
  "client watches resumed",
  "client watches compacted",
  "client watches unavailable",
  "leases granted",
  "leases kept",
  "leases lost",
  "leases gone",
  "list transactions",
] as const;

/** What stores themselves exercise. */
export type StoreCoverage = "revisions watched" | "watches compacted";

export type KvCoverage = (typeof KV_COVERAGE)[number];
