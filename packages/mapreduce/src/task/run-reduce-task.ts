import { ByteSink } from "../codec/byte-sink.ts";
import { endOfEscaped } from "../codec/escape.ts";
import { readEscaped } from "../codec/tuple.ts";
import type { ReduceJob } from "../job/job.ts";
import type { RecordWriter } from "../output/output.ts";
import { GroupFold } from "../sort/group-fold.ts";
import { GroupedMerge } from "../sort/grouped-merge.ts";
import type { Merge } from "../sort/merge.ts";
import { mergeRuns } from "../sort/merge-runs.ts";
import { checkAborted } from "../check-aborted.ts";
import { GroupValues } from "./group-values.ts";
import { reduceFailure } from "./job-code-error.ts";
import type { LoadedJob } from "./loaded-job.ts";
import { memoryShares } from "./memory-shares.ts";
import type { ReduceWork, TaskEnvironment, TaskReport } from "./task.ts";
import { TaskCounters } from "./task-counters.ts";
import { taskError } from "./task-error.ts";

/**
 * Merges the runs of one partition, and writes what the job's reduce makes of each key as the
 * partition's part of the output. One pair at a time is in memory, and a block of each run.
 *
 * @throws {MapReduceError} `task-failed`, also for what reduce throws; `no-space`, `aborted`.
 */
export async function runReduceTask(
  { job, side }: LoadedJob<ReduceJob>,
  work: ReduceWork,
  environment: TaskEnvironment,
  outputFolder: string,
): Promise<TaskReport> {
  const { disk } = environment;
  const counters = new TaskCounters(false);
  let merge: Merge | undefined;
  let out: RecordWriter<unknown> | undefined;
  try {
    merge = mergeRuns(work.segments, mergeOptions(job, environment));
    out = job.output.open({ disk, folder: outputFolder, part: work.task });
    const context = { side, count: counters.count };
    const reducer = new Reducer(job, merge, out, context);
    await reduceAll(reducer, environment);
    out.close();
    return {
      counters: counters.toJSON(),
      recordsIn: reducer.pairs,
      recordsOut: reducer.recordsOut,
      bytesIn: work.segments.reduce((total, { bytes }) => total + bytes, 0),
      bytesOut: out.bytes,
      spills: 0,
      skipped: 0,
    };
  } catch (error) {
    out?.abandon();
    throw taskError(error);
  } finally {
    merge?.close();
  }
}

function mergeOptions(
  { combine, value }: ReduceJob,
  { disk, folder, memoryBytes, options }: TaskEnvironment,
): Parameters<typeof mergeRuns>[1] {
  const { pairs, block } = memoryShares(memoryBytes);
  return {
    disk,
    folder,
    memoryBytes: pairs,
    blockBytes: block,
    isCompressed: options.compressSpills,
    fold: combine && new GroupFold(value, combine),
  };
}

/** Pairs between two looks at what else there is to do. */
const PAIRS_AT_ONCE = 50_000;

async function reduceAll(reducer: Reducer, environment: TaskEnvironment): Promise<void> {
  const { signal, onProgress, breathe } = environment;
  let pairs = 0;
  for (let isMore = true; isMore;) {
    isMore = reducer.reduceUpTo(pairs + PAIRS_AT_ONCE);
    onProgress?.({ records: reducer.pairs - pairs, bytes: 0 });
    pairs = reducer.pairs;
    await breathe?.();
    checkAborted(signal);
  }
}

/** Calls the job's reduce with one key after the other. */
class Reducer {
  readonly #job: ReduceJob;
  readonly #groups: GroupedMerge;
  readonly #values: GroupValues<unknown>;
  readonly #context: Parameters<ReduceJob["reduce"]>[3];
  readonly #write: (record: unknown) => void;
  readonly #scratch = new ByteSink();
  #failure: { readonly error: unknown } | undefined;
  recordsOut = 0;

  constructor(
    job: ReduceJob,
    merge: Merge,
    out: RecordWriter<unknown>,
    context: Parameters<ReduceJob["reduce"]>[3],
  ) {
    this.#job = job;
    this.#groups = new GroupedMerge(merge, job.sort && endOfEscaped);
    this.#values = new GroupValues(this.#groups, job.value);
    this.#context = context;
    this.#write = (record) => {
      try {
        out.write(record);
      } catch (error) {
        this.#failure ??= { error };
        throw error;
      }
      this.recordsOut++;
    };
  }

  /** Pairs that were gone through. */
  get pairs(): number {
    return this.#groups.pairs;
  }

  /** Ends with the group that has that pair; false after the last group. */
  reduceUpTo(pairs: number): boolean {
    while (this.#groups.pairs < pairs) {
      if (!this.#groups.nextGroup()) return false;
      this.#reduceGroup();
      if (this.#values.failure) throw this.#values.failure.error;
      if (this.#failure) throw this.#failure.error;
    }
    return true;
  }

  #reduceGroup(): void {
    const { bytes, length } = this.#groups.key;
    const { key: codec, sort, reduce } = this.#job;
    const key = sort
      ? readEscaped(codec, bytes, 0, length, this.#scratch)
      : codec.read(bytes, 0, length);
    try {
      reduce(key, this.#values, this.#write, this.#context);
    } catch (error) {
      if (this.#failure || this.#values.failure) throw error;
      throw reduceFailure(error, key);
    }
  }
}
