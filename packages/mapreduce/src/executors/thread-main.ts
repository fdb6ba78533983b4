import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@quorate/runtime";
import { systemDisk } from "../disk/system-disk.ts";
import { type LoadedJob, setUp } from "../task/loaded-job.ts";
import type { TaskProgress } from "../task/task.ts";
import { taskError } from "../task/task-error.ts";
import { TaskMemory } from "../task/task-memory.ts";
import { loadReferenced } from "./job-reference.ts";
import { runAssignment } from "./run-assignment.ts";
import { sentError, type ThreadData, type ThreadMessage } from "./thread-messages.ts";
import type { Assignment } from "./worker.ts";

/** Progress is told at most so often. */
const PROGRESS_MS = 100;

/** Runs what it is sent, one after the other. */
function serve(port: MessagePort, { job, memoryBytes, options }: ThreadData): void {
  const memory = new TaskMemory();
  const say = (message: ThreadMessage): void => port.postMessage(message);
  let loaded: Promise<LoadedJob> | undefined;
  const run = async (assignment: Assignment): Promise<void> => {
    try {
      loaded ??= loadReferenced(job).then(setUp);
      const progress = new ThrottledProgress((done) => say({ kind: "progress", done }));
      const onProgress = (done: TaskProgress): void => progress.add(done);
      const environment = { disk: systemDisk, memoryBytes, memory, options, onProgress };
      const report = await runAssignment(await loaded, assignment, environment);
      progress.flush();
      say({ kind: "done", report });
    } catch (error) {
      say({ kind: "failed", error: sentError(taskError(error)) });
    }
  };
  port.on("message", (assignment: Assignment) => void run(assignment));
}

class ThrottledProgress {
  readonly #tell: (done: TaskProgress) => void;
  #records = 0;
  #bytes = 0;
  #toldAtMs = systemClock.now();

  constructor(tell: (done: TaskProgress) => void) {
    this.#tell = tell;
  }

  add({ records, bytes }: TaskProgress): void {
    this.#records += records;
    this.#bytes += bytes;
    if (systemClock.now() - this.#toldAtMs >= PROGRESS_MS) this.flush();
  }

  flush(): void {
    this.#tell({ records: this.#records, bytes: this.#bytes });
    this.#records = this.#bytes = 0;
    this.#toldAtMs = systemClock.now();
  }
}

// The program of a worker thread; loaded elsewhere, it does nothing.
if (parentPort) serve(parentPort, workerData as ThreadData);
