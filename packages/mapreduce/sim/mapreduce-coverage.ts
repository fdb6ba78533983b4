/** What a set of runs must have exercised. */
export const MAPREDUCE_COVERAGE = [
  "jobs finished",
  "jobs failed",
  "jobs of maps alone",
  "workers joined",
  "workers lost",
  "attempts failed",
  "attempts that ended after their worker was given up",
  "fetches failed",
  "maps redone",
  "backups",
  "commits",
  "commits failed",
  "commits asked for again",
  "masters started again",
  "masters that could not go on",
  "two masters at once",
  "segments damaged",
  "settled",
] as const;

export type MapReduceCoverage = (typeof MAPREDUCE_COVERAGE)[number];
