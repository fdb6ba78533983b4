import type { Clock } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import { MapReduceError } from "../mapreduce-error.ts";
import type { JobTotals, TrackerInput, TrackerState } from "../tracker/index.ts";
import { ClusterMaster } from "./cluster-master.ts";
import type { JobJournal } from "./job-journal.ts";
import type { JobOutput, JobPlan } from "./job-plan.ts";
import { type MasterOptions, validatedMaster } from "./master-options.ts";
import { decode, encode } from "./json-bytes.ts";

export interface MasterDependencies {
  /** Started. Its node is what workers have among their `masters`. */
  readonly transport: Transport;
  readonly journal: JobJournal;
  readonly output: JobOutput;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** The master of one run of one job. */
export interface Master {
  /**
   * What the job did, once its result is there.
   *
   * @throws {MapReduceError} as a rejection: why the job failed; `journal-failed` when this master
   * cannot go on, and another one may; `aborted` when it was stopped.
   */
  readonly result: Promise<JobTotals>;
  /** What was done so far. */
  totals(): JobTotals;
  /** What is known at this moment, to be looked at. */
  readonly state: TrackerState;
  /** Ends the job, for good. `result` rejects with `aborted`. */
  abort(reason: string): void;
  /** Ends this master and leaves the job as it is: another one goes on with it. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a job on the workers that join, or goes on with it where the last master was lost.
 *
 * Each event is in the journal before anything comes of it, so a successor knows of all that workers
 * were told and of each commit that was allowed.
 *
 * @throws {MapReduceError} `invalid-job`, `journal-failed`, `output-exists`, and what `plan` throws.
 * @throws {TransportError} `already-handled` when a master runs on this transport already.
 */
export async function startMaster(
  options: MasterOptions,
  dependencies: MasterDependencies,
): Promise<Master> {
  const settings = validatedMaster(options);
  const { journal } = dependencies;
  try {
    const { epoch, records } = await written(journal.open());
    const [first, ...inputs] = records.map((record) => decode(record));
    const job = (first as JournaledJob | undefined) ?? {
      job: settings.job,
      plan: await settings.plan(),
    };
    if (job.job !== settings.job) {
      throw new MapReduceError("invalid-job", `the journal is of ${job.job}, not ${settings.job}`);
    }
    if (!first) await written(journal.append(encode(job)));
    await dependencies.output.begin();
    const master = new ClusterMaster(settings, dependencies, job.plan, epoch);
    master.begin(inputs as TrackerInput[]);
    return master;
  } catch (error) {
    await journal.close().catch(() => {}); // it is not to be used, and says so itself
    throw error;
  }
}

async function written<T>(journaled: Promise<T>): Promise<T> {
  try {
    return await journaled;
  } catch (error) {
    if (error instanceof MapReduceError) throw error;
    throw new MapReduceError("journal-failed", "the journal cannot be used", { cause: error });
  }
}

/** The first record of a journal. */
interface JournaledJob {
  readonly job: string;
  readonly plan: JobPlan;
}
