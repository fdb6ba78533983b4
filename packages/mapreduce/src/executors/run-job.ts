import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock, systemClock } from "@quorate/runtime";
import { systemDisk } from "../disk/system-disk.ts";
import { type Chain, isChain } from "../job/chain.ts";
import { isJob, type Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { taskError } from "../task/task-error.ts";
import { type JobStep, jobOfStep, loadJobModule } from "./job-reference.ts";
import type { JobResult } from "./job-result.ts";
import { type RunOptions, type RunSettings, validated } from "./run-options.ts";
import { runStep } from "./run-step.ts";

export interface RunDependencies {
  /** @default systemClock */
  readonly clock?: Clock;
}

/**
 * Runs a job on this machine. Given by the path or URL of its module, it runs in worker threads,
 * each of which loads the module; given as an object, in this thread.
 *
 * Resolves when the output is in its place, durably. When it rejects, the output's folder is as it
 * was before; nothing else of the job stays, either.
 *
 * @throws {MapReduceError} any of its codes but `worker-lost`.
 */
export async function runJob(
  job: Job | Chain | URL | string,
  options: RunOptions,
  { clock = systemClock }: RunDependencies = {},
): Promise<JobResult> {
  const isObject = isJob(job) || isChain(job);
  const settings = validated(options, isObject);
  const module = isObject ? undefined : moduleUrl(job);
  const loaded = isObject ? job : await loadJobModule(module!);
  const scratchFolder = join(settings.scratchFolder, `quorate-mapreduce-${randomUUID()}`);
  try {
    systemDisk.makeFolder(scratchFolder);
    return await runSteps(loaded, module, { ...settings, scratchFolder }, clock);
  } catch (error) {
    throw taskError(error);
  } finally {
    systemDisk.remove(scratchFolder);
  }
}

function moduleUrl(path: URL | string): string {
  if (path instanceof URL || /^(file|data|node):/.test(path)) return String(path);
  if (typeof path === "string" && path !== "") return pathToFileURL(path).href;
  throw new MapReduceError(
    "invalid-job",
    "runJob takes what defineJob or defineChain returns, or the path of a module that exports it",
  );
}

async function runSteps(
  job: Job | Chain,
  module: string | undefined,
  settings: RunSettings,
  clock: Clock,
): Promise<JobResult> {
  const last = job.kind === "chain" ? job.next.length : 0;
  const results: JobResult[] = [];
  for (let number = 0; ; number++) {
    const { input } = settings;
    const between = (of: number): string => join(settings.scratchFolder, `step-${of}`);
    const step: JobStep = {
      number,
      ...(number > 0 && { previous: between(number - 1) }),
      ...(number === 0 && input && { input }),
    };
    const output = number === last ? settings.output : between(number);
    const result = await runStep(
      {
        job: jobOfStep(job, step),
        number,
        reference: module === undefined ? undefined : { module, step },
      },
      { ...settings, output, scratchFolder: join(settings.scratchFolder, `job-${number}`) },
      clock,
    );
    if (number > 0) systemDisk.remove(between(number - 1));
    if (number === last) return results.length === 0 ? result : { ...result, previous: results };
    results.push(result);
  }
}
