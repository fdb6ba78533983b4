import type { Clock } from "@quorate/runtime";
import { systemDisk } from "../disk/system-disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { OutputCommitter } from "../output/committer.ts";
import { tooManyBadRecords } from "../task/bad-records.ts";
import { taskError } from "../task/task-error.ts";
import type { MapReport, MapWork, ReduceWork, TaskProgress, TaskReport } from "../task/task.ts";
import { type AttemptId, attemptName } from "../tracker/attempt.ts";
import { Tracker } from "../tracker/tracker.ts";
import type { TrackerEffect } from "../tracker/tracker-effect.ts";
import type { TaskError, TrackerInput } from "../tracker/tracker-input.ts";
import type { JobPlan } from "./job-plan.ts";
import type { Worker } from "./worker.ts";

export interface DriverOptions {
  readonly plan: JobPlan;
  readonly workers: readonly Worker[];
  /** For splits that can be read in this thread only, instead of the worker whose turn it is. */
  readonly inThisThread: Worker;
  readonly committer: OutputCommitter;
  /** Where attempts have their folders for runs. */
  readonly scratchFolder: string;
  readonly maxAttempts: number;
  readonly maxBadRecords: number;
  readonly clock: Clock;
  readonly onProgress: (done: TaskProgress, driver: JobDriver) => void;
}

/**
 * Carries out on workers of this process what the tracker decides. A thread's death is a failure of
 * what it ran: its files are here, and the thread is started again.
 */
export class JobDriver {
  readonly #options: DriverOptions;
  readonly tracker: Tracker<MapReport>;
  readonly #inputs: TrackerInput<MapReport>[] = [];
  readonly #running = new Set<Promise<void>>();
  readonly #errors = new Map<string, MapReduceError>();
  #isApplying = false;
  #settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined;
  failedAttempts = 0;
  /** When the last map was done. */
  mappedAtMs: number | undefined;

  constructor(options: DriverOptions) {
    this.#options = options;
    const { maps, reduces } = options.plan;
    const { maxAttempts } = options;
    this.tracker = new Tracker(
      { maps: maps.map(({ split: { hosts } }) => ({ ...(hosts && { hosts }) })), reduces },
      { speculation: false, maxAttempts, stalledMs: Number.MAX_SAFE_INTEGER },
    );
  }

  /** Resolves when each task is committed; rejects with the job's error. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      for (const index of this.#options.workers.keys()) {
        this.#tell({ kind: "worker-joined", worker: String(index), host: "", slots: 1 });
      }
    });
  }

  abort(error: MapReduceError): void {
    this.#tell({ kind: "aborted", error: this.#noted(error) });
  }

  /** Resolves when nothing runs any more; the workers are stopped before. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** One after the other, since what is done for one may bring about the next. */
  #tell(input: TrackerInput<MapReport>): void {
    this.#inputs.push(input);
    if (this.#isApplying) return;
    this.#isApplying = true;
    for (let next = this.#inputs.shift(); next; next = this.#inputs.shift()) {
      const effects = this.tracker.apply(next, this.#options.clock.now());
      for (const effect of effects) this.#carryOut(effect);
    }
    this.#isApplying = false;
  }

  #carryOut(effect: TrackerEffect): void {
    switch (effect.kind) {
      case "start": {
        const running = this.#start(effect.worker, effect.attempt);
        this.#running.add(running);
        void running.finally(() => this.#running.delete(running));
        return;
      }
      case "commit":
        return this.#commit(effect.attempt);
      case "cancel":
        // Only at the end of the job, when all workers are stopped and all folders removed.
        return;
      case "forget":
        return;
      case "job-finished":
        return this.#settle!.resolve();
      case "job-failed":
        return this.#settle!.reject(this.#errorOf(effect.error, effect.cause));
    }
  }

  async #start(worker: string, attempt: AttemptId): Promise<void> {
    const startedAtMs = this.#options.clock.now();
    try {
      const report = await this.#run(worker, attempt);
      const tookMs = this.#options.clock.now() - startedAtMs;
      this.#tell({ kind: "attempt-finished", worker, attempt, report, tookMs });
      if (attempt.kind === "map") this.#mapped(report);
      this.#options.onProgress(NOTHING_MORE, this);
    } catch (thrown) {
      const error = taskError(thrown);
      this.#dropAttempt(attempt);
      const retry = error.code === "task-failed" && !this.#isReadOnce(attempt);
      if (retry) this.failedAttempts++;
      this.#tell({
        kind: "attempt-failed",
        worker,
        attempt,
        error: this.#noted(error),
        retry,
      });
    }
  }

  async #run(worker: string, attempt: AttemptId): ReturnType<Worker["run"]> {
    const { workers, inThisThread, scratchFolder, committer, onProgress } = this.#options;
    const folder = `${scratchFolder}/${attemptName(attempt)}`;
    systemDisk.makeFolder(folder);
    const outputFolder = this.#writesOutput(attempt)
      ? committer.makeAttemptFolder(attempt)
      : folder;
    const runner = this.#isReadOnce(attempt) ? inThisThread : workers[Number(worker)]!;
    return runner.run({ work: this.#work(attempt), folder, outputFolder }, (done) => {
      this.tracker.progressed(worker, attempt, this.#options.clock.now());
      onProgress(done, this);
    });
  }

  #work({ kind, task, attempt }: AttemptId): MapWork | ReduceWork {
    if (kind === "map") return { ...this.#options.plan.maps[task]!, attempt };
    const segments = this.tracker
      .mapOutputs()!
      .flatMap(({ report }) => report.segments.filter(({ partition }) => partition === task));
    return { kind, task, attempt, segments };
  }

  #mapped({ skipped }: TaskReport): void {
    const { completed, tasks } = this.tracker.state.maps;
    if (completed === tasks.length) this.mappedAtMs ??= this.#options.clock.now();
    if (skipped === 0) return; // summing up all tasks at the end of each is for those that need it
    const all = this.tracker.totals().maps.skipped;
    const tooMany = tooManyBadRecords(all, this.#options.maxBadRecords);
    if (tooMany) this.abort(tooMany);
  }

  #commit(attempt: AttemptId): void {
    try {
      this.#options.committer.commitTask(attempt);
      this.#tell({ kind: "committed", attempt });
    } catch (thrown) {
      const error = taskError(thrown);
      if (error.code !== "output-failed") return this.abort(error);
      this.#tell({ kind: "commit-failed", attempt, error: this.#noted(error) });
    }
  }

  #dropAttempt(attempt: AttemptId): void {
    systemDisk.remove(`${this.#options.scratchFolder}/${attemptName(attempt)}`);
    if (this.#writesOutput(attempt)) this.#options.committer.dropAttempt(attempt);
  }

  #writesOutput({ kind }: AttemptId): boolean {
    return kind === "reduce" || this.#options.plan.reduces === 0;
  }

  #isReadOnce({ kind, task }: AttemptId): boolean {
    return kind === "map" && this.#options.plan.maps[task]!.split.once === true;
  }

  /** As plain data for the tracker; the error itself is found again by its message. */
  #noted(error: MapReduceError): TaskError {
    const { code, message, place } = error;
    this.#errors.set(message, error);
    return { code, message, ...(place && { place }) };
  }

  #errorOf({ code, message, place }: TaskError, cause?: TaskError): MapReduceError {
    const thrown = this.#errors.get(message);
    if (thrown) return thrown;
    return new MapReduceError(code, message, { place, cause: cause && this.#errorOf(cause) });
  }
}

const NOTHING_MORE: TaskProgress = { records: 0, bytes: 0 };
