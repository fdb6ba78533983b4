import { MapReduceError } from "../mapreduce-error.ts";
import { isJob, type Job } from "./job.ts";

/** Jobs that run one after the other: the output of each is the input of the next. */
export interface Chain {
  readonly kind: "chain";
  readonly name: string;
  readonly first: Job;
  /** Each is given the folder that the job before it has written. */
  readonly next: readonly ((previous: string) => Job)[];
}

/**
 * Runs jobs one after the other. What is in between is written to temporary folders, each of which
 * is removed when it was read; the last job's output is the chain's.
 *
 * @example
 * ```ts
 * const chain = defineChain("top words", countWords, (counts) =>
 *   defineJob({ input: jsonLines(counts), … }),
 * );
 * ```
 * @throws {MapReduceError} `invalid-job`.
 */
export function defineChain(
  name: string,
  first: Job,
  ...next: readonly ((previous: string) => Job)[]
): Chain {
  if (name === "") throw new MapReduceError("invalid-job", "a chain needs a name");
  if (!isJob(first)) throw new MapReduceError("invalid-job", "a chain begins with a job");
  if (next.some((step) => typeof step !== "function")) {
    const message = "each further step of a chain is a function: (previous) => defineJob({ … })";
    throw new MapReduceError("invalid-job", message);
  }
  const chain: Chain = Object.freeze({ kind: "chain", name, first, next });
  chains.add(chain);
  return chain;
}

const chains = new WeakSet<object>();

export function isChain(value: unknown): value is Chain {
  return typeof value === "object" && value !== null && chains.has(value);
}
