import {
  type CommitterDependencies,
  type CommitterOptions,
  OutputCommitter,
} from "../output/committer.ts";
import type { JobOutput } from "./job-plan.ts";

/**
 * The output of a job in a folder that the master and all workers share (NFS, a mounted bucket with
 * atomic renames, one machine's disk). `job` of the options must be the same in each start of a master.
 *
 * A task whose commit failed in its last step, so that its part is in place though nobody was told,
 * keeps that part: another attempt's commit finds it there and leaves it. Both have written the same,
 * as far as the job depends on nothing but its input.
 */
export function committedOutput(
  options: CommitterOptions,
  dependencies: CommitterDependencies = {},
): JobOutput {
  const committer = new OutputCommitter(options, dependencies);
  return {
    begin: async () => committer.begin(),
    commit: async (attempt) => void committer.commitTask(attempt),
    discard: async (attempt) => committer.dropAttempt(attempt),
    finish: async (tasks) => committer.commitJob(tasks),
    abort: async () => committer.abort(),
  };
}
