import { parentPort, workerData } from "node:worker_threads";
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

/** The program of a worker thread: runs what it is sent, one after the other. */
const { job, memoryBytes, options } = workerData as ThreadData;
const memory = new TaskMemory();
let loaded: Promise<LoadedJob> | undefined;

/** Progress is told at most so often. */
const PROGRESS_MS = 100;

const port = parentPort!;
port.on("message", (assignment: Assignment) => void run(assignment));

async function run(assignment: Assignment): Promise<void> {
  try {
    loaded ??= loadReferenced(job).then(setUp);
    const onProgress = throttled((done) => say({ kind: "progress", done }));
    const environment = { disk: systemDisk, memoryBytes, memory, options, onProgress };
    say({ kind: "done", report: await runAssignment(await loaded, assignment, environment) });
  } catch (error) {
    say({ kind: "failed", error: sentError(taskError(error)) });
  }
}

function say(message: ThreadMessage): void {
  port.postMessage(message);
}

/** What is left in the end is not told: the report has it. */
function throttled(tell: (done: TaskProgress) => void): (done: TaskProgress) => void {
  let records = 0;
  let bytes = 0;
  let toldAtMs = systemClock.now();
  return (done) => {
    records += done.records;
    bytes += done.bytes;
    if (systemClock.now() - toldAtMs < PROGRESS_MS) return;
    tell({ records, bytes });
    records = bytes = 0;
    toldAtMs = systemClock.now();
  };
}
