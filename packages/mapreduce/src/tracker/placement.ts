import type { TaskId } from "./task-ledger.ts";
import type { TrackerState, TaskState, WorkerState } from "./tracker-state.ts";

/**
 * How many idle tasks are looked through for one whose data a worker has at hand, so that a worker
 * that has none of it does not make each step as long as the job.
 */
const LOCALITY_WINDOW = 1_024;

function hasRoom({ isMissing, busy, slots }: WorkerState): boolean {
  return !isMissing && busy < slots;
}

/** Whether the task may run there: on another worker than those where it failed, if there is one. */
function mayRun(state: TrackerState, task: TaskState, worker: WorkerState): boolean {
  if (!hasRoom(worker)) return false;
  if (task.running.some((attempt) => attempt.worker === worker.id)) return false;
  if (!task.failedOn.includes(worker.id)) return true;
  return !state.workers.some(({ id, isMissing }) => !isMissing && !task.failedOn.includes(id));
}

/** The worker with most free slots that may run it; the earliest of those. */
export function freestWorker(state: TrackerState, task: TaskState): WorkerState | undefined {
  let freest: WorkerState | undefined;
  for (const worker of state.workers) {
    if (!mayRun(state, task, worker)) continue;
    if (!freest || worker.slots - worker.busy > freest.slots - freest.busy) freest = worker;
  }
  return freest;
}

/** The first idle map task whose split is at hand there (section 3.4). */
function localTask(state: TrackerState, worker: WorkerState): number | undefined {
  const { idle, tasks } = state.maps;
  if (!hasRoom(worker)) return undefined;
  for (let at = 0; at < idle.length && at < LOCALITY_WINDOW; at++) {
    const task = tasks[idle[at]!]!;
    if (task.hosts.includes(worker.host) && mayRun(state, task, worker)) return idle[at];
  }
  return undefined;
}

/** A task that is to begin, and where. */
export interface Placement {
  readonly task: TaskId;
  readonly worker: WorkerState;
}

/**
 * What is to begin now: maps first where their splits are, then what is left, reduces not before all
 * maps are completed. Each has to be in the state before the next is asked for.
 */
export function* placements(state: TrackerState): Generator<Placement> {
  const { maps, reduces, workers } = state;
  if (!workers.some(hasRoom)) return;
  for (const worker of workers) {
    let task = localTask(state, worker);
    for (; task !== undefined; task = localTask(state, worker)) {
      yield { task: { kind: "map", task }, worker };
    }
  }
  const { kind, tasks, idle } = maps.completed === maps.tasks.length ? reduces : maps;
  for (let at = 0; at < idle.length && workers.some(hasRoom);) {
    const task = idle[at]!;
    const worker = freestWorker(state, tasks[task]!);
    if (worker) yield { task: { kind, task }, worker };
    else at++;
  }
}
