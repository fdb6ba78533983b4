import {
  type CommitterDependencies,
  type CommitterOptions,
  OutputCommitter,
} from "../output/committer.ts";
import { systemDisk } from "../disk/system-disk.ts";
import type { Disk } from "../disk/disk.ts";
import type { BadRecord } from "../task/task.ts";
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
      if (badRecords.length === 0 || committer.isCommitted()) return committer.commitJob(tasks);
      writeBadRecords(committer, disk, tasks, badRecords);
      committer.commitJob(tasks + 1);
    },
    abort: async () => committer.abort(),
  };
}

/** As one more task of the output. */
function writeBadRecords(
  committer: OutputCommitter,
  disk: Disk,
  task: number,
  badRecords: readonly BadRecord[],
): void {
  const id = { task, attempt: 0 };
  const file = disk.create(`${committer.makeAttemptFolder(id)}/_bad-records.jsonl`);
  try {
    file.append(Buffer.from(badRecords.map((each) => `${JSON.stringify(each)}\n`).join("")));
    file.sync();
  } finally {
    file.close();
  }
  committer.commitTask(id);
}
