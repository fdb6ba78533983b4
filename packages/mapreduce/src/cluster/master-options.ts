import { MapReduceError } from "../mapreduce-error.ts";
import type { TrackerOptions } from "../tracker/index.ts";
import { validated } from "../tracker/tracker-options.ts";
import type { JobPlan } from "./job-plan.ts";

export interface MasterOptions {
  /** Names this run of the job, and no other: workers drop what they have of others. */
  readonly job: string;
  /** Called when the journal is empty; a master that is started again goes on with the first plan. */
  readonly plan: () => JobPlan | Promise<JobPlan>;
  /** How tasks are tried. */
  readonly tracker?: TrackerOptions;
  /**
   * Milliseconds between two looks at what is overdue; above 0.
   *
   * @default 1_000
   */
  readonly heartbeatMs?: number;
  /**
   * Milliseconds without a word from a worker after which it is taken for dead; above `heartbeatMs`,
   * by several of the workers' heartbeats.
   *
   * @default 10_000
   */
  readonly deadAfterMs?: number;
  /**
   * Milliseconds without any worker after which the job fails with `worker-lost`.
   *
   * @default 60_000
   */
  readonly withoutWorkersMs?: number;
}

export type MasterSettings = Required<MasterOptions>;

/** @throws {MapReduceError} `invalid-job` for what is out of its range. */
export function validatedMaster(options: MasterOptions): MasterSettings {
  const { heartbeatMs = 1_000, deadAfterMs = 10_000, withoutWorkersMs = 60_000 } = options;
  if (!(heartbeatMs > 0)) invalid(`heartbeatMs must be above 0, not ${heartbeatMs}`);
  if (!(deadAfterMs > heartbeatMs)) invalid("deadAfterMs must be above heartbeatMs");
  if (!(withoutWorkersMs > 0)) invalid("withoutWorkersMs must be above 0");
  validated(options.tracker ?? {}); // before the journal is opened, and another master with it
  return { tracker: {}, ...options, heartbeatMs, deadAfterMs, withoutWorkersMs };
}

function invalid(message: string): never {
  throw new MapReduceError("invalid-job", message);
}
