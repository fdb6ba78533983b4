import type { Split } from "../input/input.ts";
import type { Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { MapWork } from "../task/task.ts";
import type { RunSettings } from "./run-options.ts";
import { sampledRanges } from "./sample-ranges.ts";

/** What a job's tasks are. */
export interface JobPlan {
  readonly maps: readonly Omit<MapWork, "attempt">[];
  /** 0 for a job without a reduce. */
  readonly reduces: number;
  /** `undefined` where an input does not say. */
  readonly totalBytes: number | undefined;
}

const MOST_SPLIT_BYTES = 64 * 2 ** 20;
const LEAST_SPLIT_BYTES = 2 ** 20;
/** So that a worker that is done early finds more to do. */
const TASKS_PER_WORKER = 4;

/** @throws {MapReduceError} `invalid-input`. */
export async function planned(job: Job, settings: RunSettings): Promise<JobPlan> {
  const splits = await suitableSplits(job, settings);
  const reduces = job.kind === "reduce" ? settings.partitions : 0;
  const ranges =
    job.kind === "reduce" && typeof job.partition === "object" && reduces > 1
      ? await sampledRanges(job, splits, job.partition.sampleRecords, settings)
      : undefined;
  const maps = splits.map(({ source, split }, task) => ({
    kind: "map" as const,
    task,
    source,
    split,
    partitions: reduces,
    ...(ranges && { ranges }),
  }));
  return { maps, reduces, totalBytes: totalBytes(splits) };
}

/** A split, and which of the job's sources it is of. */
export interface SourceSplit {
  readonly source: number;
  readonly split: Split;
}

async function suitableSplits(job: Job, settings: RunSettings): Promise<readonly SourceSplit[]> {
  if (settings.splitBytes !== undefined) return splitsOf(job, settings.splitBytes);
  const wanted = TASKS_PER_WORKER * settings.workers;
  const largest = await splitsOf(job, MOST_SPLIT_BYTES);
  const bytes = totalBytes(largest);
  if (largest.length >= wanted || bytes === undefined) return largest;
  return splitsOf(job, Math.max(LEAST_SPLIT_BYTES, Math.ceil(bytes / wanted)));
}

async function splitsOf(job: Job, splitBytes: number): Promise<readonly SourceSplit[]> {
  const all: SourceSplit[] = [];
  for (const [source, { input }] of job.sources.entries()) {
    try {
      for (const split of await input.splits({ splitBytes })) all.push({ source, split });
    } catch (error) {
      if (error instanceof MapReduceError) throw error;
      const message = `an input of job "${job.name}" failed: ${(error as Error)?.message ?? error}`;
      throw new MapReduceError("invalid-input", message, { cause: error });
    }
  }
  return all;
}

function totalBytes(splits: readonly SourceSplit[]): number | undefined {
  let total = 0;
  for (const { split } of splits) {
    if (split.end === null) return undefined;
    total += split.end - split.start;
  }
  return total;
}
