import type { RunOptions } from "../executors/run-options.ts";

/** What `quorate-mapreduce run` was asked to do. */
export interface RunArguments {
  readonly output: string;
  readonly input?: readonly string[];
  readonly workers?: number;
  readonly memory: number;
  readonly partitions?: number;
  readonly split?: number;
  readonly overwrite?: true;
  readonly skipBad?: number;
  readonly maxRecord?: number;
  readonly compress?: true;
  readonly scratch?: string;
  readonly statusPort?: number;
  readonly dryRun?: true;
  readonly json?: true;
}

export function runOptions(given: RunArguments): RunOptions {
  const { output, input, workers, memory, partitions, split, skipBad, maxRecord, scratch } = given;
  return {
    output,
    memoryBytes: memory,
    ...(input && { input }),
    ...(workers !== undefined && { workers }),
    ...(partitions !== undefined && { partitions }),
    ...(split !== undefined && { splitBytes: split }),
    ...(given.overwrite && { overwrite: true }),
    ...(skipBad !== undefined && { badRecords: { limit: skipBad } }),
    ...(maxRecord !== undefined && { maxRecordBytes: maxRecord }),
    ...(given.compress && { compressSpills: true }),
    ...(scratch !== undefined && { scratchFolder: scratch }),
  };
}
