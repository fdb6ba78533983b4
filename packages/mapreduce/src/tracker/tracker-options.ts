import { MapReduceError } from "../mapreduce-error.ts";

/** How hard a tracker tries. */
export interface TrackerOptions {
  /**
   * Failures of one task after which the job fails; from 1. A worker's death is no failure of what
   * ran on it.
   *
   * @default 4
   */
  readonly maxAttempts?: number;
  /**
   * Workers that may die under one task before the job fails; from 1. For a task that kills them.
   *
   * @default 16
   */
  readonly maxLostWorkers?: number;
  /**
   * Reduce attempts that could not get a map task's output before that map counts as failed and is
   * redone; from 1.
   *
   * @default 3
   */
  readonly maxFetchFailures?: number;
  /**
   * Milliseconds without progress after which an attempt counts as failed.
   *
   * @default 600_000
   */
  readonly stalledMs?: number;
  /**
   * Backup attempts of slow tasks near the end of a phase; `false` for none.
   *
   * @default {}
   */
  readonly speculation?: SpeculationOptions | false;
}

/** When a task gets a backup attempt (the paper, section 3.6). One a task at a time. */
export interface SpeculationOptions {
  /**
   * The share of a phase's tasks that must be completed, 0 to 1; one of them in any case.
   *
   * @default 0.75
   */
  readonly afterShare?: number;
  /**
   * How many times the median of the completed ones it must have run; above 1.
   *
   * @default 2
   */
  readonly slowerThan?: number;
  /**
   * Milliseconds that it must have run in any case.
   *
   * @default 1_000
   */
  readonly minMs?: number;
  /**
   * The share of a phase's tasks that may have a backup at once, 0 to 1; one of them in any case.
   *
   * @default 0.1
   */
  readonly maxShare?: number;
}

/** As `TrackerOptions`, with all defaults. */
export interface TrackerSettings {
  readonly maxAttempts: number;
  readonly maxLostWorkers: number;
  readonly maxFetchFailures: number;
  readonly stalledMs: number;
  readonly speculation: Required<SpeculationOptions> | false;
}

/** @throws {MapReduceError} `invalid-job` for what is out of its range. */
export function validated(options: TrackerOptions): TrackerSettings {
  const { maxAttempts = 4, maxLostWorkers = 16, maxFetchFailures = 3 } = options;
  const { stalledMs = 600_000, speculation = {} } = options;
  const counts = { maxAttempts, maxLostWorkers, maxFetchFailures };
  for (const [name, count] of Object.entries(counts)) {
    check(Number.isInteger(count) && count >= 1, name, "a whole number from 1", count);
  }
  check(stalledMs > 0, "stalledMs", "above 0", stalledMs);
  return { ...counts, stalledMs, speculation: speculation && validatedSpeculation(speculation) };
}

function validatedSpeculation(options: SpeculationOptions): Required<SpeculationOptions> {
  const { afterShare = 0.75, slowerThan = 2, minMs = 1_000, maxShare = 0.1 } = options;
  for (const [name, share] of Object.entries({ afterShare, maxShare })) {
    check(share >= 0 && share <= 1, `speculation.${name}`, "0 to 1", share);
  }
  check(slowerThan > 1, "speculation.slowerThan", "above 1", slowerThan);
  check(minMs >= 0, "speculation.minMs", "0 or more", minMs);
  return { afterShare, slowerThan, minMs, maxShare };
}

function check(isFine: boolean, name: string, range: string, value: number): void {
  if (!isFine) throw new MapReduceError("invalid-job", `${name} must be ${range}, not ${value}`);
}
