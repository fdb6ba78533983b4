import type { Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";

/** A job with the side data that its `setup` returned, in one worker. */
export interface LoadedJob<J extends Job = Job> {
  readonly job: J;
  readonly side: unknown;
}

/** @throws {MapReduceError} `task-failed` when `setup` does. */
export async function setUp<J extends Job>(job: J): Promise<LoadedJob<J>> {
  try {
    return { job, side: await job.setup?.() };
  } catch (error) {
    const message = `setup of job "${job.name}" failed: ${(error as Error)?.message ?? error}`;
    throw new MapReduceError("task-failed", message, { cause: error });
  }
}
