import { OutputCommitter } from "../../src/output/committer.ts";
import type { Job } from "../../src/job/job.ts";
import { setUp } from "../../src/task/loaded-job.ts";
import { runMapTask } from "../../src/task/run-map-task.ts";
import { runReduceTask } from "../../src/task/run-reduce-task.ts";
import type { MapWork, Segment, TaskEnvironment } from "../../src/task/task.ts";
import type { MemoryDisk } from "../../src/testing/index.ts";

export interface Sizes {
  readonly splitBytes: number;
  readonly partitions: number;
  readonly memoryBytes: number;
  /** First keys of the partitions but the first, of a job that is partitioned by ranges. */
  readonly ranges?: readonly string[];
}

/** Runs the tasks of a job one after the other, as an executor would; the output is `/out`. */
export async function runInMemory(disk: MemoryDisk, job: Job, sizes: Sizes): Promise<void> {
  const loaded = await setUp(job);
  const committer = new OutputCommitter({ output: "/out", job: "test" }, { disk });
  committer.begin();
  const segments: Segment[] = [];
  const works = await mapWorks(job, sizes);
  for (const work of works) {
    const environment = environmentOf(disk, `/tmp/map-${work.task}`, sizes);
    const folder = committer.makeAttemptFolder(work);
    const report = await runMapTask(loaded, work, environment, folder);
    segments.push(...report.segments);
    if (job.kind === "map") committer.commitTask(work);
  }
  if (job.kind === "map") return committer.commitJob(works.length);
  for (let task = 0; task < sizes.partitions; task++) {
    const own = segments.filter(({ partition }) => partition === task);
    const work = { kind: "reduce", task, attempt: 0, segments: own } as const;
    const environment = environmentOf(disk, `/tmp/reduce-${task}`, sizes);
    const folder = committer.makeAttemptFolder(work);
    await runReduceTask({ ...loaded, job }, work, environment, folder);
    committer.commitTask(work);
  }
  committer.commitJob(sizes.partitions);
}

async function mapWorks(job: Job, { splitBytes, partitions, ranges }: Sizes): Promise<MapWork[]> {
  const works: MapWork[] = [];
  for (const [source, { input }] of job.sources.entries()) {
    for (const split of await input.splits({ splitBytes })) {
      const work = {
        kind: "map",
        task: works.length,
        attempt: 0,
        source,
        split,
        partitions,
      } as const;
      works.push(ranges ? { ...work, ranges } : work);
    }
  }
  return works;
}

function environmentOf(disk: MemoryDisk, folder: string, { memoryBytes }: Sizes): TaskEnvironment {
  disk.makeFolder(folder);
  const options = { maxRecordBytes: 1_000_000, compressSpills: false, maxBadRecords: 0 };
  return { disk, folder, memoryBytes, options };
}
