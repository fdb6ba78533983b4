/** What runs of the target must have exercised. */
export const WAL_COVERAGE = [
  "recoveries",
  "clean closes",
  "torn tails cut",
  "left-over files removed",
  "logs of several segments",
  "truncations",
  "records dropped",
  "resets",
  "refused appends",
  "failed logs",
  "failed openings",
  "damage found when opening",
  "damage found by a read",
  "damage without effect",
] as const;

export type WalCoverage = (typeof WAL_COVERAGE)[number];
