import {
  type CommitterDependencies,
  type CommitterOptions,
  OutputCommitter,
} from "../output/committer.ts";
import { systemDisk } from "../disk/system-disk.ts";
import { commitBadRecords } from "../task/commit-bad-records.ts";
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
  const { disk = systemDisk } = dependencies;
  const committer = new OutputCommitter(options, { disk });
  return {
    begin: async () => committer.begin(),
    commit: async (attempt) => void committer.commitTask(attempt),
    discard: async (attempt) => committer.dropAttempt(attempt),
    finish: async (tasks, badRecords) => {
      if (committer.isCommitted()) return committer.commitJob(tasks);
      committer.commitJob(commitBadRecords(badRecords, tasks, committer, disk));
    },
    abort: async () => committer.abort(),
  };
}
