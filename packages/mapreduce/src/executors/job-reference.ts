import { isChain, type Chain } from "../job/chain.ts";
import { isJob, type Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { loadModule } from "./load-module.ts";

/** Which job a worker is to run, as plain data: a job is code, so each worker loads its module. */
export interface JobReference {
  /** The module's URL; its default export is a job or a chain. */
  readonly module: string;
  readonly step: JobStep;
}

/** One job of a chain, or the only one, and what it reads. */
export interface JobStep {
  /** From 0. */
  readonly number: number;
  /** What the step before it has written. */
  readonly previous?: string;
  /** Paths that are read instead of those of the job's input. */
  readonly input?: readonly string[];
}

/** @throws {MapReduceError} `invalid-job` when the module cannot be loaded or has no job. */
export async function loadReferenced({ module, step }: JobReference): Promise<Job> {
  return jobOfStep(await loadJobModule(module), step);
}

export async function loadJobModule(url: string): Promise<Job | Chain> {
  const exported = await loadModule(url);
  const job = (exported as { readonly default?: unknown }).default;
  if (isJob(job) || isChain(job)) return job;
  throw new MapReduceError(
    "invalid-job",
    `${url} has no job: its default export must be what defineJob, defineMapJob or defineChain returns`,
  );
}

export function jobOfStep(job: Job | Chain, { number, previous, input }: JobStep): Job {
  const chosen =
    job.kind !== "chain" ? job : number === 0 ? job.first : nextJob(job, number, previous!);
  return input ? withInput(chosen, input) : chosen;
}

function nextJob(chain: Chain, number: number, previous: string): Job {
  const job = chain.next[number - 1]!(previous);
  if (isJob(job)) return job;
  throw new MapReduceError("invalid-job", `step ${number} of chain "${chain.name}" gives no job`);
}

function withInput(job: Job, paths: readonly string[]): Job {
  const [source, ...others] = job.sources;
  const input = source!.input.at?.(paths);
  if (!input || others.length > 0) {
    const reason = input ? "it has several" : "that has no paths";
    throw new MapReduceError(
      "invalid-job",
      `the input of job "${job.name}" cannot be replaced: ${reason}`,
    );
  }
  return { ...job, sources: [{ ...source!, input }] } as Job;
}
