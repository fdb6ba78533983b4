import type { Disk } from "../disk/disk.ts";
import type { OutputCommitter } from "../output/committer.ts";
import type { BadRecord } from "./task.ts";

/**
 * Puts the records that were set aside, if there are any, into the output, as one more task of it.
 * Returns how many tasks the output has then.
 */
export function commitBadRecords(
  badRecords: readonly BadRecord[],
  tasks: number,
  committer: OutputCommitter,
  disk: Disk,
): number {
  if (badRecords.length === 0) return tasks;
  const id = { task: tasks, attempt: 0 };
  const file = disk.create(`${committer.makeAttemptFolder(id)}/_bad-records.jsonl`);
  try {
    file.append(Buffer.from(badRecords.map((each) => `${JSON.stringify(each)}\n`).join("")));
    file.sync();
  } finally {
    file.close();
  }
  committer.commitTask(id);
  return tasks + 1;
}
