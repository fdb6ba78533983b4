import { planned } from "../executors/job-plan.ts";
import { type JobReference, loadReferenced } from "../executors/job-reference.ts";
import { type RunOptions, validated } from "../executors/run-options.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { committedOutput } from "./committed-output.ts";
import type { JobOutput, JobPlan } from "./job-plan.ts";
import type { ClusterJobSpec } from "./thread-tasks.ts";

export interface ClusterJobOptions extends Omit<
  RunOptions,
  "workers" | "memoryBytes" | "scratchFolder" | "maxAttempts" | "signal" | "onProgress"
> {
  /**
   * Names this run, the same in each start of its master: letters, digits, `_`, `-`, up to 64.
   */
  readonly job: string;
  /**
   * Attempts that run at once on all workers together: for the size of splits and the number of
   * parts, where they are not given.
   */
  readonly slots: number;
}

/** What a master needs: `startMaster({ job, plan }, { output, … })`. */
export interface ClusterJob {
  readonly job: string;
  readonly plan: () => Promise<JobPlan>;
  readonly output: JobOutput;
}

/**
 * A job for `startMaster`, whose workers run it by `threadTasks`. All machines have the module at the
 * same path, and the input and the output's folder, too (NFS, for instance).
 *
 * @param module path or URL of a module whose default export `defineJob` or `defineMapJob` made.
 * @throws {MapReduceError} `invalid-job`.
 */
export function clusterJob(module: URL | string, options: ClusterJobOptions): ClusterJob {
  const { job, slots, ...run } = options;
  if (!Number.isInteger(slots) || slots < 1) {
    throw new MapReduceError("invalid-job", `slots must be a whole number from 1, not ${slots}`);
  }
  // Each worker has its own; so much that none of what is derived from it is less than it can be.
  const memoryBytes = slots * 2 ** 30;
  const settings = validated({ ...run, workers: slots, memoryBytes }, false);
  const { input, output: folder, overwrite } = settings;
  const output = { output: folder, job, overwrite };
  const reference: JobReference = {
    module: String(module),
    step: { number: 0, ...(input && { input }) },
  };
  return {
    job,
    plan: async () => {
      const { maps, reduces } = await planned(await loadReferenced(reference), settings);
      const { maxRecordBytes, compressSpills, maxBadRecords } = settings;
      const spec: ClusterJobSpec = {
        job: reference,
        options: { maxRecordBytes, compressSpills, maxBadRecords },
        output,
      };
      const ranges = maps[0]?.ranges;
      return {
        splits: maps.map(({ source, split }) => ({ source, split })),
        partitions: reduces,
        ...(ranges && { ranges }),
        maxBadRecords,
        spec,
      };
    },
    output: committedOutput(output),
  };
}
