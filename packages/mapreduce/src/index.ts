/**
 * MapReduce: typed jobs on all cores of this machine, within the memory that they are given, with a
 * result that is there as a whole or not at all. `./jobs` has ready ones, `./cluster` runs them on
 * many machines, and the command `quorate-mapreduce` on the command line and on Hadoop.
 *
 * @example
 * ```ts
 * import { defineJob, runJob, sum, textFiles, textLines, uint, utf8 } from "@quorate/mapreduce";
 *
 * const words = defineJob<string, number, string>({
 *   name: "word count",
 *   input: textLines("books/*.txt"),
 *   key: utf8,
 *   value: uint,
 *   map: (record, pairs) => {
 *     for (const word of record.text().split(" ")) pairs.emit(word, 1);
 *   },
 *   combine: sum,
 *   reduce: (word, counts, write) => {
 *     let total = 0;
 *     for (const count of counts) total += count;
 *     write(`${word}\t${total}`);
 *   },
 *   output: textFiles(),
 * });
 * const { recordsIn } = await runJob(words, { output: "words" });
 * ```
 *
 * @packageDocumentation
 */
export { type JobDefinition, defineJob } from "./job/define-job.ts";
export type { MapFunction, PartitionFunction, ReduceFunction, Source } from "./job/define-job.ts";
export { defineMapJob, type MapJobDefinition } from "./job/define-map-job.ts";
export type { RecordMapFunction, RecordSource } from "./job/define-map-job.ts";
export { type Chain, defineChain } from "./job/chain.ts";
export type { Job } from "./job/job.ts";
export type { Emitter } from "./job/emitter.ts";
export type { InputRecord } from "./job/input-record.ts";
export type { TaskContext } from "./job/task-context.ts";
export { byRanges, type RangePartition } from "./job/by-ranges.ts";
export { sortBy, type ValueOrder } from "./job/sort-by.ts";

export { runJob, type RunDependencies } from "./executors/run-job.ts";
export type { RunOptions } from "./executors/run-options.ts";
export type { JobProgress } from "./executors/job-progress.ts";
export type { JobResult, JobTimes } from "./executors/job-result.ts";

export type { Codec, OrderedCodec } from "./codec/codec.ts";
export { ByteSink } from "./codec/byte-sink.ts";
export { bytes } from "./codec/bytes.ts";
export { descending } from "./codec/descending.ts";
export { float64 } from "./codec/float64.ts";
export { int } from "./codec/int.ts";
export { json } from "./codec/json.ts";
export { tuple } from "./codec/tuple.ts";
export { uint } from "./codec/uint.ts";
export { utf8 } from "./codec/utf8.ts";
export { max, min, sum } from "./table/folds.ts";

export type { Input, ReadOptions, RecordBatch, Split, SplitOptions } from "./input/input.ts";
export { jsonLines, textLines } from "./input/text-lines.ts";
export { csvFiles, type CsvOptions } from "./input/csv-files.ts";
export { fixedRecords, type FixedRecordOptions } from "./input/fixed-records.ts";
export { customInput, type CustomReader } from "./input/custom-input.ts";
export type { FileInputDependencies, FileOptions } from "./input/file-input.ts";

export type { Output, PartTarget, RecordWriter } from "./output/output.ts";
export { jsonLinesFiles, textFiles } from "./output/text-files.ts";
export { csvOutput, type CsvOutputOptions } from "./output/csv-output.ts";
export { partitionedFolders, type PartitionedOptions } from "./output/partitioned-folders.ts";

export type { Disk, DiskReader, DiskWriter } from "./disk/disk.ts";
export { systemDisk } from "./disk/system-disk.ts";
export { MapReduceError, type MapReduceErrorCode, type Place } from "./mapreduce-error.ts";
