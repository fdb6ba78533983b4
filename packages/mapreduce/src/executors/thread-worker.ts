import { Worker as Thread } from "node:worker_threads";
import { MapReduceError } from "../mapreduce-error.ts";
import type { MapReport, TaskProgress, TaskReport } from "../task/task.ts";
import { threadProgram } from "./thread-program.ts";
import { receivedError, type ThreadData, type ThreadMessage } from "./thread-messages.ts";
import type { Assignment, Worker } from "./worker.ts";

interface Running {
  readonly onProgress: (done: TaskProgress) => void;
  readonly resolve: (report: MapReport | TaskReport) => void;
  readonly reject: (error: MapReduceError) => void;
}

/**
 * Runs tasks in a thread, which loads the job's module. A thread that dies (the job's code calls
 * `process.exit`, or runs out of heap) takes its attempt with it, and nothing else.
 */
export class ThreadWorker implements Worker {
  readonly #data: ThreadData;
  #thread: Thread | undefined;
  #running: Running | undefined;

  constructor(data: ThreadData) {
    this.#data = data;
  }

  run(
    assignment: Assignment,
    onProgress: (done: TaskProgress) => void,
  ): Promise<MapReport | TaskReport> {
    return new Promise((resolve, reject) => {
      this.#running = { onProgress, resolve, reject };
      const port = (this.#thread ??= this.#start());
      port.postMessage(assignment);
    });
  }

  async stop(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Thread {
    const { program, options } = threadProgram();
    const thread = new Thread(program, {
      ...options,
      workerData: this.#data,
      resourceLimits: {
        maxYoungGenerationSizeMb: YOUNG_MB,
        // What the job's own objects may take: as much as the task's.
        maxOldGenerationSizeMb: LEAST_OLD_MB + Math.ceil(this.#data.memoryBytes / 2 ** 20),
      },
    });
    let reason = "it ended by itself";
    thread.on("message", (message: ThreadMessage) => this.#hear(message));
    thread.on("error", (error) => (reason = error.message));
    thread.on("exit", (code) => {
      if (this.#thread === thread) this.#thread = undefined;
      this.#settle()?.reject(
        new MapReduceError("task-failed", `the worker thread died: ${reason} (exit code ${code})`),
      );
    });
    return thread;
  }

  #hear(message: ThreadMessage): void {
    switch (message.kind) {
      case "progress":
        return this.#running?.onProgress(message.done);
      case "done":
        return this.#settle()?.resolve(message.report);
      case "failed":
        return this.#settle()?.reject(receivedError(message.error));
    }
  }

  #settle(): Running | undefined {
    const running = this.#running;
    this.#running = undefined;
    return running;
  }
}

/** Of a thread's heap: its modules and what lives on; and what user code throws away at once. */
const LEAST_OLD_MB = 64;
const YOUNG_MB = 24;
