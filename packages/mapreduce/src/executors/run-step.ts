import { randomUUID } from "node:crypto";
import type { Clock } from "@quorate/runtime";
import { systemDisk } from "../disk/system-disk.ts";
import { checkAborted } from "../check-aborted.ts";
import type { Job } from "../job/job.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import { OutputCommitter } from "../output/committer.ts";
import { commitBadRecords } from "../task/commit-bad-records.ts";
import type { TaskOptions, TaskProgress } from "../task/task.ts";
import { InProcessWorker } from "./in-process-worker.ts";
import { JobDriver } from "./job-driver.ts";
import { type JobPlan, planned } from "./job-plan.ts";
import type { JobReference } from "./job-reference.ts";
import { type JobResult, resultOf } from "./job-result.ts";
import type { RunSettings } from "./run-options.ts";
import { ThreadWorker } from "./thread-worker.ts";
import type { Worker } from "./worker.ts";

/** One job, and how threads find it: without that it runs in this one. */
export interface StepJob {
  readonly job: Job;
  /** Of a chain: which of its jobs, from 0. */
  readonly number: number;
  readonly reference: JobReference | undefined;
}

/** Runs one job to its committed output, or leaves nothing of it. */
export async function runStep(
  step: StepJob,
  settings: RunSettings,
  clock: Clock,
): Promise<JobResult> {
  const { job } = step;
  const startedAtMs = clock.now();
  checkAborted(settings.signal);
  const committer = new OutputCommitter({
    output: settings.output,
    job: `run-${randomUUID()}`,
    overwrite: settings.overwrite,
  });
  committer.begin();
  try {
    const plan = await planned(job, settings);
    const plannedAtMs = clock.now();
    const driver = await drive(step, plan, settings, committer, clock);
    const doneAtMs = clock.now();
    const parts = plan.reduces || plan.maps.length;
    const badRecords = driver.tracker.badRecords();
    committer.commitJob(commitBadRecords(badRecords, parts, committer, systemDisk));
    const committedAtMs = clock.now();
    const times = { startedAtMs, plannedAtMs, doneAtMs, committedAtMs };
    return resultOf(job, settings, plan, driver, times);
  } catch (error) {
    abandon(committer);
    throw error;
  }
}

/** What fails here is told by the error that is being thrown, which is what matters. */
function abandon(committer: OutputCommitter): void {
  try {
    committer.abort();
  } catch (error) {
    if (!(error instanceof MapReduceError)) throw error;
  }
}

async function drive(
  { job, number, reference }: StepJob,
  plan: JobPlan,
  settings: RunSettings,
  committer: OutputCommitter,
  clock: Clock,
): Promise<JobDriver> {
  const { taskBytes, signal, maxAttempts, maxBadRecords, scratchFolder } = settings;
  const { maxRecordBytes, compressSpills } = settings;
  const options: TaskOptions = { maxRecordBytes, compressSpills, maxBadRecords };
  const inThisThread = new InProcessWorker(job, taskBytes, options);
  const data = { memoryBytes: taskBytes, options };
  const count = Math.min(settings.workers, Math.max(plan.maps.length, plan.reduces, 1));
  const workers: readonly Worker[] = reference
    ? Array.from({ length: count }, () => new ThreadWorker({ ...data, job: reference }))
    : [inThisThread];
  const onProgress = progressTeller(plan, number, settings, clock);
  const driver = new JobDriver({
    plan,
    workers,
    inThisThread,
    committer,
    scratchFolder,
    maxAttempts,
    maxBadRecords,
    clock,
    onProgress,
  });
  const abort = (): void => {
    const { reason } = signal!;
    driver.abort(new MapReduceError("aborted", "the job was aborted", { cause: reason }));
  };
  signal?.addEventListener("abort", abort, { once: true });
  try {
    await driver.run();
    return driver;
  } finally {
    signal?.removeEventListener("abort", abort);
    await Promise.all([...workers, inThisThread].map((worker) => worker.stop()));
    await driver.ended();
  }
}

function progressTeller(
  plan: JobPlan,
  step: number,
  { onProgress }: RunSettings,
  clock: Clock,
): (done: TaskProgress, driver: JobDriver) => void {
  const startedAtMs = clock.now();
  let [phase, records, bytes] = ["map" as "map" | "reduce", 0, 0];
  const tell = (done: number, tasks: number): void => {
    const totalBytes = phase === "map" ? plan.totalBytes : undefined;
    const elapsedMs = clock.now() - startedAtMs;
    onProgress?.({ phase, step, done, tasks, records, bytes, totalBytes, elapsedMs });
  };
  return (done, driver) => {
    if (!onProgress) return;
    const { maps, reduces } = driver.tracker.state;
    const isMapped = maps.completed === maps.tasks.length && reduces.tasks.length > 0;
    const now = isMapped ? "reduce" : "map";
    if (now !== phase) {
      tell(maps.tasks.length, maps.tasks.length);
      [phase, records, bytes] = [now, 0, 0];
    }
    records += done.records;
    bytes += done.bytes;
    const { completed, tasks } = phase === "map" ? maps : reduces;
    tell(completed, tasks.length);
  };
}
