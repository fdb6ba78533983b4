import type { Codec, OrderedCodec } from "../codec/codec.ts";
import type { Input } from "../input/input.ts";
import type { Output } from "../output/output.ts";
import { checkBasics, checkedSources, has, invalid } from "./check-job.ts";
import type { Emitter } from "./emitter.ts";
import type { InputRecord } from "./input-record.ts";
import { type Job, marked, type ReduceJob } from "./job.ts";
import type { RangePartition } from "./by-ranges.ts";
import type { ValueOrder } from "./sort-by.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * A job of map and reduce ("MapReduce: Simplified Data Processing on Large Clusters", Dean and
 * Ghemawat, OSDI 2004). `K` and `V` are what goes from map to reduce, `R` what reduce writes, `S`
 * side data.
 *
 * Its functions run in many workers and may run more than once for the same record, so they depend
 * on nothing but their arguments.
 */
export interface JobDefinition<K, V, R, S = undefined> {
  readonly name: string;
  /** Where records come from; several, each with a map of its own, for a join. */
  readonly input: Input | readonly Source<K, V, S>[];
  /** Side data, loaded once in each worker: a list of stop words, a table to join with. */
  readonly setup?: () => S | Promise<S>;
  readonly key: OrderedCodec<K>;
  readonly value: Codec<V>;
  /** Called for each record in the order of its split. Left out where each source has its own. */
  readonly map?: MapFunction<K, V, S>;
  /**
   * Joins two values of one key before they are sorted, written or sent; associative and
   * commutative, since it is called any number of times (the paper, section 4.3).
   */
  readonly combine?: (left: V, right: V) => V;
  /**
   * Which of the parts of the result a key goes to, from 0; or `byRanges()`, so that the parts, one
   * after the other, are sorted. By a hash of the key's bytes when left out (section 4.1).
   */
  readonly partition?: PartitionFunction<K> | RangePartition;
  /**
   * The order in which one key's values are given to reduce. When left out: the order of the input
   * (its splits, and in a split its records), or any where there is a `combine`, which excludes this.
   */
  readonly sort?: ValueOrder<V>;
  /** Called for each key of a partition in the order of the keys' bytes (section 4.2). */
  readonly reduce: ReduceFunction<K, V, R, S>;
  readonly output: Output<R>;
}

/** A whole number from 0 to before `partitions`, the same for the same key. */
export type PartitionFunction<K> = (key: K, partitions: number) => number;

export type MapFunction<K, V, S = undefined> = (
  record: InputRecord,
  pairs: Emitter<K, V>,
  context: TaskContext<S>,
) => void;

/** `values` can be gone through once, during the call, and never stands in memory as a whole. */
export type ReduceFunction<K, V, R, S = undefined> = (
  key: K,
  values: Iterable<V>,
  write: (record: R) => void,
  context: TaskContext<S>,
) => void;

export interface Source<K, V, S = undefined> {
  readonly input: Input;
  readonly map: MapFunction<K, V, S>;
}

/**
 * Checks a job, which is then ready to be run: by `runJob`, on a cluster, or on Hadoop.
 *
 * @throws {MapReduceError} `invalid-job`, which says what to do about it.
 */
export function defineJob<K, V, R, S = undefined>(definition: JobDefinition<K, V, R, S>): Job {
  checkBasics(definition);
  const { input, map, ...rest } = definition;
  const { name, key, value, combine, partition, sort, reduce } = rest;
  if (!isCodec(key) || !key.isOrdered) {
    invalid(`key of job "${name}" must be a codec with an order: utf8, int, float64, tuple(…)`);
  }
  if (!isCodec(value)) invalid(`value of job "${name}" must be a codec: json(), float64, utf8 …`);
  if (typeof reduce !== "function") {
    invalid(`job "${name}" has no reduce; one that needs none is made by defineMapJob`);
  }
  if (combine !== undefined && typeof combine !== "function") invalid("combine must be a function");
  if (combine && sort) {
    invalid("a job has sort or combine: combined, a key has no values to be sorted; leave one out");
  }
  if (sort && !(typeof sort.by === "function" && isCodec(sort.codec) && sort.codec.isOrdered)) {
    invalid("sort must be made by sortBy(by, codec), with a codec that has an order");
  }
  if (partition && typeof partition !== "function" && partition.kind !== "ranges") {
    invalid("partition must be a function, or byRanges()");
  }
  const job = { kind: "reduce", ...rest, sources: checkedSources(input, map) };
  return marked(job as unknown as ReduceJob);
}

function isCodec(value: unknown): boolean {
  return has(value, "write") && has(value, "read");
}
