import type { Job, ReduceJob } from "../../src/job/job.ts";
import type { Split } from "../../src/input/input.ts";
import { setUp } from "../../src/task/loaded-job.ts";
import { runMapTask } from "../../src/task/run-map-task.ts";
import { runReduceTask } from "../../src/task/run-reduce-task.ts";
import type { MapReport, TaskEnvironment, TaskReport } from "../../src/task/task.ts";
import { TaskMemory } from "../../src/task/task-memory.ts";
import type { MemoryDisk } from "../../src/testing/index.ts";

export interface Plan {
  readonly splitBytes: number;
  readonly partitions: number;
  readonly memoryBytes: number;
  readonly compressSpills: boolean;
  /** Changes the order in which tasks run, and nothing else. */
  readonly order: (tasks: number) => readonly number[];
  readonly maxBadRecords?: number;
  readonly maxRecordBytes?: number;
  readonly ranges?: readonly string[];
}

export interface Outcome {
  readonly maps: readonly MapReport[];
  readonly reduces: readonly TaskReport[];
  /** The lines of each part of the output. */
  readonly parts: readonly (readonly string[])[];
}

export const SMALL: Plan = {
  splitBytes: 64,
  partitions: 2,
  memoryBytes: 16_384,
  compressSpills: false,
  order: (tasks) => Array.from({ length: tasks }, (_, task) => task),
};

/** Runs every task of a job once, one after the other, on a disk in memory, without any executor. */
export async function runByHand(job: Job, disk: MemoryDisk, plan: Plan): Promise<Outcome> {
  const loaded = await setUp(job);
  const memory = new TaskMemory();
  const environment = (name: string): TaskEnvironment => {
    const folder = `/scratch/${name}`;
    disk.makeFolder(folder);
    const { memoryBytes, compressSpills, maxBadRecords = 0, maxRecordBytes = 1_000_000 } = plan;
    return {
      disk,
      folder,
      memoryBytes,
      memory,
      options: { maxRecordBytes, compressSpills, maxBadRecords },
    };
  };
  disk.makeFolder("/out");
  const splits = await splitsOf(job, plan.splitBytes);
  const maps: MapReport[] = [];
  for (const task of plan.order(splits.length)) {
    const work = {
      kind: "map" as const,
      task,
      attempt: 0,
      ...splits[task]!,
      partitions: plan.partitions,
      ...(plan.ranges && { ranges: plan.ranges }),
    };
    maps[task] = await runMapTask(loaded, work, environment(`map-${task}`), "/out");
  }
  const reduces: TaskReport[] = [];
  for (const task of job.kind === "reduce" ? plan.order(plan.partitions) : []) {
    const segments = maps.flatMap((map) => map.segments.filter((one) => one.partition === task));
    const work = { kind: "reduce" as const, task, attempt: 0, segments };
    const reduceJob = loaded as { readonly job: ReduceJob; readonly side: unknown };
    reduces[task] = await runReduceTask(reduceJob, work, environment(`reduce-${task}`), "/out");
  }
  return { maps, reduces, parts: disk.list("/out").map((name) => linesOf(disk, `/out/${name}`)) };
}

async function splitsOf(
  job: Job,
  splitBytes: number,
): Promise<{ readonly source: number; readonly split: Split }[]> {
  const all = [];
  for (const [source, { input }] of job.sources.entries()) {
    for (const split of await input.splits({ splitBytes })) all.push({ source, split });
  }
  return all;
}

export function putFile(disk: MemoryDisk, path: string, content: string | Uint8Array): void {
  disk.makeFolder(path.slice(0, path.lastIndexOf("/")));
  const file = disk.create(path);
  file.append(Buffer.from(content as string));
  file.close();
}

export function linesOf(disk: MemoryDisk, path: string): string[] {
  const file = disk.open(path);
  const bytes = new Uint8Array(file.size);
  file.read(bytes, 0);
  file.close();
  return Buffer.from(bytes).toString().split("\n").slice(0, -1);
}
