import { MapReduceError } from "../mapreduce-error.ts";
import { hashBytes, partitionOf } from "../table/hash.ts";
import { rangeOf } from "./by-ranges.ts";
import type { ReduceJob } from "./job.ts";

/** Which partition a key goes to, by its bytes. */
export type Partitioner = (bytes: Uint8Array, start: number, end: number) => number;

/** @param ranges of a job that is partitioned by ranges: the first keys of all but the first. */
export function partitionerOf(
  { key, partition }: ReduceJob,
  partitions: number,
  ranges: readonly Uint8Array[],
): Partitioner {
  if (partitions === 1) return () => 0;
  if (partition === undefined) {
    return (bytes, start, end) => partitionOf(hashBytes(bytes, start, end), partitions);
  }
  if (typeof partition !== "function") {
    return (bytes, start, end) => rangeOf(ranges, bytes, start, end);
  }
  return (bytes, start, end) => {
    const number = partition(key.read(bytes, start, end), partitions);
    if (Number.isInteger(number) && number >= 0 && number < partitions) return number;
    throw new MapReduceError(
      "invalid-job",
      `partition returned ${number}; it must be a whole number from 0 to ${partitions - 1}`,
    );
  };
}
