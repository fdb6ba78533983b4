import { setImmediate } from "node:timers/promises";
import { systemDisk } from "../disk/system-disk.ts";
import type { Job } from "../job/job.ts";
import { type LoadedJob, setUp } from "../task/loaded-job.ts";
import type { MapReport, TaskOptions, TaskProgress, TaskReport } from "../task/task.ts";
import { TaskMemory } from "../task/task-memory.ts";
import { runAssignment } from "./run-assignment.ts";
import type { Assignment, Worker } from "./worker.ts";

/** Runs tasks in this thread, and lets it do something else now and then. */
export class InProcessWorker implements Worker {
  readonly #job: Job;
  readonly #memoryBytes: number;
  readonly #options: TaskOptions;
  readonly #memory = new TaskMemory();
  readonly #stopping = new AbortController();
  #loaded: Promise<LoadedJob> | undefined;

  constructor(job: Job, memoryBytes: number, options: TaskOptions) {
    this.#job = job;
    this.#memoryBytes = memoryBytes;
    this.#options = options;
  }

  async run(
    assignment: Assignment,
    onProgress: (done: TaskProgress) => void,
  ): Promise<MapReport | TaskReport> {
    this.#loaded ??= setUp(this.#job);
    return runAssignment(await this.#loaded, assignment, {
      disk: systemDisk,
      memoryBytes: this.#memoryBytes,
      memory: this.#memory,
      options: this.#options,
      signal: this.#stopping.signal,
      onProgress,
      breathe: () => setImmediate(),
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
  }
}
