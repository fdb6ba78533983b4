import type { Input } from "../input/input.ts";
import type { Output } from "../output/output.ts";
import { checkBasics, checkedSources } from "./check-job.ts";
import type { InputRecord } from "./input-record.ts";
import { type Job, type MapJob, marked } from "./job.ts";
import type { TaskContext } from "./task-context.ts";

/**
 * A job without a reduce: what map writes is the output, one part for each split, in the order of
 * its records. For filters and conversions; nothing is sorted or sent.
 */
export interface MapJobDefinition<R, S = undefined> {
  readonly name: string;
  /** Where records come from, or several such places, each with a map of its own. */
  readonly input: Input | readonly RecordSource<R, S>[];
  /** Side data, loaded once in each worker. */
  readonly setup?: () => S | Promise<S>;
  /** Called for each record in the order of its split. Left out where each source has its own. */
  readonly map?: RecordMapFunction<R, S>;
  readonly output: Output<R>;
}

export type RecordMapFunction<R, S = undefined> = (
  record: InputRecord,
  write: (record: R) => void,
  context: TaskContext<S>,
) => void;

export interface RecordSource<R, S = undefined> {
  readonly input: Input;
  readonly map: RecordMapFunction<R, S>;
}

/** @throws {MapReduceError} `invalid-job`, which says what to do about it. */
export function defineMapJob<R, S = undefined>(definition: MapJobDefinition<R, S>): Job {
  checkBasics(definition);
  const { name, setup, input, map, output } = definition;
  const job = { kind: "map", name, setup, sources: checkedSources(input, map), output };
  return marked(job as unknown as MapJob);
}
