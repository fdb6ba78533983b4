import type { Codec, OrderedCodec } from "../codec/codec.ts";
import type { Input } from "../input/input.ts";
import type { Output } from "../output/output.ts";
import type { Emitter } from "./emitter.ts";
import type { InputRecord } from "./input-record.ts";
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
   * Which of the parts of the result a key goes to, from 0. By a hash of the key's bytes when left
   * out (section 4.1).
   */
  readonly partition?: (key: K, partitions: number) => number;
  /** The order in which one key's values are given to reduce; any order when left out. */
  readonly sort?: ValueOrder<V>;
  /** Called for each key of a partition in the order of the keys' bytes (section 4.2). */
  readonly reduce: ReduceFunction<K, V, R, S>;
  readonly output: Output<R>;
}

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

/** Secondary sort: the values of a key by something of theirs. Made by `sortBy`. */
export interface ValueOrder<V> {
  /** Appends what the value is sorted by, as ordered bytes. */
  readonly by: (value: V) => unknown;
  readonly codec: OrderedCodec<unknown>;
}
