import type { JobReference } from "../executors/job-reference.ts";
import { ThreadWorker } from "../executors/thread-worker.ts";
import type { Worker as Runner } from "../executors/worker.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Disk } from "../disk/disk.ts";
import { type CommitterOptions, OutputCommitter } from "../output/committer.ts";
import type { MapReport, MapWork, ReduceWork, TaskOptions } from "../task/task.ts";
import type { RunTask, TaskRequest, WorkerEnvironment } from "./run-task.ts";
import { segmentSum } from "./segment-sum.ts";

/** The `spec` of a plan made by `clusterJob`. JSON. */
export interface ClusterJobSpec {
  readonly job: JobReference;
  readonly options: TaskOptions;
  readonly output: CommitterOptions;
}

/** Threads that run tasks, and keep a job's module loaded from one attempt to the next. */
export interface ThreadTasks extends AsyncDisposable {
  readonly runTask: RunTask;
  /** Ends the threads, and with them what they run. */
  stop(): Promise<void>;
}

/**
 * Runs the attempts of jobs made by `clusterJob`, each in a thread of its own, so that the worker goes
 * on talking to its master, whatever the job's code does. Tasks write to the machine's disk.
 */
export function threadTasks(): ThreadTasks {
  return new TaskThreads();
}

class TaskThreads implements ThreadTasks {
  /** Those that have nothing to do, by what they were started with. */
  readonly #idle = new Map<string, Runner[]>();
  readonly #busy = new Set<Runner>();

  readonly runTask: RunTask = (request, environment) => this.#run(request, environment);

  async stop(): Promise<void> {
    const idle = [...this.#idle.values()].flat();
    this.#idle.clear();
    await Promise.all([...idle, ...this.#busy].map((runner) => runner.stop()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #run({ spec, work }: TaskRequest, environment: WorkerEnvironment): ReturnType<RunTask> {
    const { job, options, output } = spec as ClusterJobSpec;
    const { disk, folder, memoryBytes, signal, onProgress = () => {} } = environment;
    const committer = new OutputCommitter(output, { disk });
    const writesOutput = work.kind === "reduce" || work.partitions === 0;
    const data = { job, options, memoryBytes };
    const key = JSON.stringify(data);
    const runner = await this.#take(key, data);
    const abort = (): void => void runner.stop();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      if (signal?.aborted) throw new MapReduceError("aborted", "the attempt was given up");
      const outputFolder = writesOutput ? committer.makeAttemptFolder(work) : folder;
      const report = await runner.run({ work, folder, outputFolder }, onProgress);
      this.#giveBack(key, runner);
      return checked(disk, work, report as MapReport);
    } catch (error) {
      await runner.stop();
      if (writesOutput) dropAttempt(committer, work);
      throw error;
    } finally {
      this.#busy.delete(runner);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Threads of other jobs are ended: a worker has one job at a time. */
  async #take(key: string, data: ConstructorParameters<typeof ThreadWorker>[0]): Promise<Runner> {
    for (const [other, runners] of this.#idle) {
      if (other === key) continue;
      this.#idle.delete(other);
      await Promise.all(runners.map((runner) => runner.stop()));
    }
    const runner = this.#idle.get(key)?.pop() ?? new ThreadWorker(data);
    this.#busy.add(runner);
    return runner;
  }

  #giveBack(key: string, runner: Runner): void {
    const idle = this.#idle.get(key);
    if (idle) idle.push(runner);
    else this.#idle.set(key, [runner]);
  }
}

function dropAttempt(committer: OutputCommitter, work: MapWork | ReduceWork): void {
  try {
    committer.dropAttempt(work);
  } catch {
    // It stays in a folder that nobody reads, until the job is committed.
  }
}

function checked(
  disk: Disk,
  { kind }: MapWork | ReduceWork,
  { segments, ...report }: MapReport,
): Awaited<ReturnType<RunTask>> {
  if (kind === "reduce") return { report };
  return { report, segments: segments.map((each) => ({ ...each, crc32: segmentSum(disk, each) })) };
}
