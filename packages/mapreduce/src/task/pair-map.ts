import { partitionerOf } from "../job/partitioner.ts";
import type { ReduceJob } from "../job/job.ts";
import type { TaskContext } from "../job/task-context.ts";
import { SortBuffer } from "../sort/sort-buffer.ts";
import { CombineTable } from "../table/combine-table.ts";
import { CombiningOutput } from "./combining-output.ts";
import { memoryShares } from "./memory-shares.ts";
import type { PairOutput } from "./pair-output.ts";
import type { RecordMap } from "./record-map.ts";
import { SortingOutput } from "./sorting-output.ts";
import { Spiller } from "./spiller.ts";
import { StagedPairs } from "./staged-pairs.ts";
import type { MapWork, TaskEnvironment } from "./task.ts";
import { TaskMemory } from "./task-memory.ts";

/** The map of a job with a reduce: its pairs become sorted runs. */
export function pairMap(
  job: ReduceJob,
  work: MapWork,
  environment: TaskEnvironment,
  context: TaskContext<unknown>,
): RecordMap {
  const { map } = job.sources[work.source]!;
  const { block, pair } = memoryShares(environment.memoryBytes);
  const { disk, folder, options } = environment;
  const isCompressed = options.compressSpills;
  const spiller = new Spiller({ disk, folder, blockBytes: block, isCompressed });
  const output = pairOutput(job, work, environment, spiller);
  const staged = options.maxBadRecords > 0 ? new StagedPairs(job, output, pair) : undefined;
  const emitter = staged ?? output;
  return {
    map: (record) => map(record, emitter, context),
    keep: () => staged?.keep(),
    drop: () => staged?.drop(),
    get failure() {
      return spiller.failure;
    },
    finish() {
      output.flush();
      const { segments, count: spills } = spiller;
      const bytesOut = segments.reduce((total, { bytes }) => total + bytes, 0);
      return { recordsOut: output.count, bytesOut, spills, segments };
    },
    abandon() {},
  };
}

function pairOutput(
  job: ReduceJob,
  { partitions, ranges = [] }: MapWork,
  { memoryBytes, memory: taskMemory = new TaskMemory() }: TaskEnvironment,
  spiller: Spiller,
): PairOutput<unknown, unknown> {
  const { combine, value } = job;
  const shares = memoryShares(memoryBytes);
  const memory = taskMemory.take(shares.pairs);
  const firstKeys = ranges.map((key) => Buffer.from(key, "base64"));
  const partitioner = partitionerOf(job, partitions, firstKeys);
  if (!combine) {
    const options = { ...job, partitioner, mostBytes: shares.pair };
    return new SortingOutput(options, new SortBuffer(memory, partitions), spiller);
  }
  const table = new CombineTable({ memory, value, combine, partitions, partitionOf: partitioner });
  return new CombiningOutput(job, table, spiller, shares.pair);
}
