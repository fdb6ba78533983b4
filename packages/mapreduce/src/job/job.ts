import type { Input } from "../input/input.ts";
import type { Output } from "../output/output.ts";
import type { JobDefinition, MapFunction } from "./define-job.ts";
import type { MapJobDefinition, RecordMapFunction } from "./define-map-job.ts";

/** A job that was checked, see `defineJob` and `defineMapJob`. */
export type Job = ReduceJob | MapJob;

/** A job with a reduce. What its functions take and give is known to its definition alone. */
export interface ReduceJob extends Omit<
  JobDefinition<unknown, unknown, unknown, unknown>,
  "input" | "map"
> {
  readonly kind: "reduce";
  readonly sources: readonly JobSource<MapFunction<unknown, unknown, unknown>>[];
}

/** A job whose map writes the output. */
export interface MapJob {
  readonly kind: "map";
  readonly name: string;
  readonly setup?: MapJobDefinition<unknown, unknown>["setup"];
  readonly sources: readonly JobSource<RecordMapFunction<unknown, unknown>>[];
  readonly output: Output<unknown>;
}

export interface JobSource<M> {
  readonly input: Input;
  readonly map: M;
}

export function isJob(value: unknown): value is Job {
  return typeof value === "object" && value !== null && jobs.has(value);
}

const jobs = new WeakSet<object>();

/** What `isJob` knows a job by. */
export function marked<J extends Job>(job: J): J {
  jobs.add(job);
  return Object.freeze(job);
}
