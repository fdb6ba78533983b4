import type { TaskReport } from "../task/task.ts";
import type { AttemptId, TaskKind } from "./attempt.ts";
import type {
  Phase,
  RunningAttempt,
  TaskState,
  TrackerState,
  WorkerState,
} from "./tracker-state.ts";

/** A task, whichever of its attempts is meant. */
export type TaskId = Omit<AttemptId, "attempt">;

/** The steps by which a task's state changes, each leaving the state in one piece. */
export class TaskLedger<M extends TaskReport> {
  readonly state: TrackerState<M>;

  constructor(state: TrackerState<M>) {
    this.state = state;
  }

  get phases(): readonly Phase[] {
    return [this.state.maps, this.state.reduces];
  }

  phase(kind: TaskKind): Phase {
    return this.state[kind === "map" ? "maps" : "reduces"];
  }

  task({ kind, task }: TaskId): TaskState | undefined {
    return this.phase(kind).tasks[task];
  }

  running(worker: string, id: AttemptId): RunningAttempt | undefined {
    return this.task(id)?.running.find(
      ({ attempt, worker: where }) => attempt === id.attempt && where === worker,
    );
  }

  /** The task's next attempt runs there. Its number. */
  begin({ kind, task: number }: TaskId, worker: WorkerState, nowMs: number): number {
    const { tasks, idle } = this.phase(kind);
    const task = tasks[number]!;
    const attempt = task.nextAttempt++;
    if (task.status === "idle") idle.splice(idle.indexOf(number), 1);
    task.status = "in-progress";
    worker.busy++;
    task.running.push({ attempt, worker: worker.id, startedAtMs: nowMs, heardAtMs: nowMs });
    return attempt;
  }

  /** The attempt runs no more. False when it did not: then nobody wants to know of it. */
  end(worker: string, attempt: AttemptId): boolean {
    const running = this.task(attempt)?.running ?? [];
    const at = running.findIndex(
      (each) => each.attempt === attempt.attempt && each.worker === worker,
    );
    if (at < 0) return false;
    running.splice(at, 1);
    const where = this.state.workers.find(({ id }) => id === worker);
    if (where) where.busy--;
    return true;
  }

  complete({ kind, task }: TaskId): void {
    const phase = this.phase(kind);
    phase.tasks[task]!.status = "completed";
    phase.completed++;
  }

  makeIdle({ kind, task }: TaskId): void {
    const { tasks, idle } = this.phase(kind);
    tasks[task]!.status = "idle";
    const after = idle.findIndex((other) => other > task);
    idle.splice(after < 0 ? idle.length : after, 0, task);
  }

  idleIfNowhere(id: TaskId): void {
    if (this.task(id)!.running.length === 0) this.makeIdle(id);
  }

  /** A finished map is to be done again. Its result stays, for what it counted, until the next. */
  redo(map: number): void {
    const { maps } = this.state;
    maps.completed--;
    maps.tasks[map]!.fetchFailures = 0;
    this.makeIdle({ kind: "map", task: map });
  }
}

/** The task is to run elsewhere next, if there is another worker. */
export function avoid({ failedOn }: TaskState, worker: string): void {
  if (!failedOn.includes(worker)) failedOn.push(worker);
}
