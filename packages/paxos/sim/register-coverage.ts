/** What runs of the register must have exercised. */
export const REGISTER_COVERAGE = [
  "restarts",
  "failed storages",
  "reads",
  "updates",
  "deletes",
  "compare-and-sets that changed",
  "compare-and-sets that failed",
  "unknown outcomes",
  "outcomes that nobody can tell",
  "promises kept",
  "keys forgotten by all",
  "states read from disk",
  "logs cleaned",
  "keys retired",
  "changes of members",
  "changes of members given up",
  "nodes without a vote",
  "checked histories",
] as const;

export type RegisterCoverage = (typeof REGISTER_COVERAGE)[number];
