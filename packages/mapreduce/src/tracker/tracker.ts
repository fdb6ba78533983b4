import type { BadRecord, TaskReport } from "../task/task.ts";
import type { AttemptId } from "./attempt.ts";
import { slow, stalled } from "./due.ts";
import { freestWorker, placements } from "./placement.ts";
import { avoid, type TaskId, TaskLedger } from "./task-ledger.ts";
import { type JobTotals, totalsOf } from "./totals.ts";
import type { TrackerEffect } from "./tracker-effect.ts";
import type * as Input from "./tracker-input.ts";
import { type TrackerOptions, type TrackerSettings, validated } from "./tracker-options.ts";
import * as State from "./tracker-state.ts";

/** What there is to do. */
export interface TrackedJob {
  /** For each map task the hosts that have its split at hand. */
  readonly maps: readonly { readonly hosts?: readonly string[] }[];
  /** Partitions; 0 when nothing is reduced and the maps' own output is committed. */
  readonly reduces: number;
}

/** Where the output of a completed map task is. */
export interface MapOutput<M extends TaskReport = TaskReport> {
  readonly attempt: AttemptId;
  readonly worker: string;
  readonly report: M;
}

/**
 * The paper's master as a state machine (section 3): which task runs where, what is tried again,
 * and which attempt counts. It does nothing itself: it is told what happened (`apply`) and answers
 * with what is to be done; the same inputs give the same answers, whenever they come.
 *
 * It alone says whose output is committed, and says so for one attempt of a task, so no output is
 * there twice or mixed, whatever else runs (Spark's SPARK-9899 is what happens otherwise).
 */
export class Tracker<M extends TaskReport = TaskReport> {
  readonly #settings: TrackerSettings;
  readonly #state: State.TrackerState<M>;
  readonly #ledger: TaskLedger<M>;
  #effects: TrackerEffect[] = [];
  #nowMs = 0;

  /** @throws {MapReduceError} `invalid-job` for an option that is out of its range. */
  constructor(job: TrackedJob, options: TrackerOptions = {}, snapshot?: State.TrackerState<M>) {
    this.#settings = validated(options);
    this.#state = snapshot
      ? structuredClone(snapshot)
      : {
          maps: State.newPhase("map", job.maps),
          reduces: State.newPhase(
            "reduce",
            Array.from({ length: job.reduces }, () => ({})),
          ),
          workers: [],
        };
    this.#ledger = new TaskLedger(this.#state);
  }

  /** To be looked at. Its parts change with the next input. */
  get state(): State.TrackerState<M> {
    return this.#state;
  }

  /** A copy, from which another tracker of the same job and options goes on. */
  snapshot(): State.TrackerState<M> {
    return structuredClone(this.#state);
  }

  /** `nowMs` is kept for `due` alone: it changes no effect. */
  apply(input: Input.TrackerInput<M>, nowMs: number): readonly TrackerEffect[] {
    if (this.#state.outcome) return [];
    this.#nowMs = nowMs;
    this.#effects = [];
    this.#take(input);
    if (!this.#state.outcome) this.#schedule();
    return this.#effects;
  }

  /** Inputs that the passing of time brings about: apply them. To be asked about once a second. */
  due(nowMs: number): readonly Input.TrackerInput<M>[] {
    if (this.#state.outcome) return [];
    return [
      ...stalled(this.#state, this.#settings, nowMs),
      ...slow(this.#state, this.#settings, nowMs),
    ];
  }

  /** The attempt is getting on. Changes what is due, and nothing else. */
  progressed(worker: string, attempt: AttemptId, nowMs: number): void {
    const running = this.#ledger.running(worker, attempt);
    if (running) running.heardAtMs = nowMs;
  }

  /** Whether this attempt is to run on this worker. */
  isRunning(worker: string, attempt: AttemptId): boolean {
    return this.#ledger.running(worker, attempt) !== undefined;
  }

  /** The attempts that are to run on this worker. */
  attemptsOn(worker: string): readonly AttemptId[] {
    return this.#ledger.phases.flatMap(({ kind, tasks }) =>
      tasks.flatMap(({ running }, task) =>
        running
          .filter((each) => each.worker === worker)
          .map(({ attempt }) => ({ kind, task, attempt })),
      ),
    );
  }

  /** Whether it is the attempt of its task that counts: what it left is to be kept. */
  counts(worker: string, attempt: AttemptId): boolean {
    const { status, result } = this.#ledger.task(attempt) ?? {};
    if (status !== "completed" && status !== "committing") return false;
    return result?.attempt === attempt.attempt && result.worker === worker;
  }

  /**
   * For a reduce attempt that starts: the output of all map tasks, in their order. Undefined while
   * one of them is being redone: then wait, since what is missing would be missing in the result.
   */
  mapOutputs(): readonly MapOutput<M>[] | undefined {
    const { tasks, completed } = this.#state.maps;
    if (completed < tasks.length) return undefined;
    return tasks.map(({ result }, task) => {
      const { attempt, worker, report } = result!;
      return { attempt: { kind: "map", task, attempt }, worker, report };
    });
  }

  totals(): JobTotals {
    return totalsOf(this.#state);
  }

  /** What the maps have set aside, in their order. */
  badRecords(): readonly BadRecord[] {
    return this.#state.maps.tasks.flatMap(({ result }) => result?.report.badRecords ?? []);
  }

  #take(input: Input.TrackerInput<M>): void {
    switch (input.kind) {
      case "worker-joined":
        return this.#joined(input);
      case "worker-lost":
        return this.#lost(input);
      case "attempt-finished":
        return this.#finished(input);
      case "attempt-failed":
        return this.#failed(input);
      case "fetch-failed":
        return this.#fetchFailed(input);
      case "committed":
        return this.#committed(input.attempt);
      case "commit-failed":
        return this.#commitFailed(input);
      case "back-up":
        return this.#backUp(input);
      case "restarted":
        return this.#restarted();
      case "aborted":
        return this.#fail(input.error);
    }
  }

  #joined({ worker, host, slots, holds }: Input.WorkerJoined): void {
    const { workers } = this.#state;
    const known = workers.find(({ id }) => id === worker);
    if (known) Object.assign(known, { host, slots, isMissing: false });
    else workers.push({ id: worker, host, slots, busy: 0, isMissing: false });
    for (const { running } of this.#ledger.phases.flatMap(({ tasks }) => tasks)) {
      for (const each of running) if (each.worker === worker) each.heardAtMs = this.#nowMs;
    }
    if (!holds) return;
    const held = new Set(holds.map(({ task, attempt }) => `${task}-${attempt}`));
    this.#redoMaps(
      (result, task) => result.worker === worker && !held.has(`${task}-${result.attempt}`),
    );
  }

  #lost({ worker: id, keepsOutput = false }: Input.WorkerLost): void {
    const { workers } = this.#state;
    const at = workers.findIndex((worker) => worker.id === id);
    if (at < 0) return;
    workers.splice(at, 1);
    for (const { kind, tasks } of this.#ledger.phases) {
      for (const [number, task] of tasks.entries()) {
        const ran = task.running.findIndex(({ worker }) => worker === id);
        if (ran < 0) continue;
        task.running.splice(ran, 1);
        task.lostWorkers++;
        if (task.lostWorkers >= this.#settings.maxLostWorkers) {
          const message = `${kind} task ${number}: ${task.lostWorkers} workers died under it`;
          return this.#fail({ code: "task-failed", message });
        }
        this.#ledger.idleIfNowhere({ kind, task: number });
      }
    }
    if (!keepsOutput) this.#redoMaps(({ worker }) => worker === id);
  }

  /**
   * Section 3.3: finished maps whose output is gone are done again, since it was on the disk of
   * whoever is lost, but only while a reduce may need it; finished reduces never are.
   */
  #redoMaps(isGone: (result: State.TaskResult<M>, task: number) => boolean): void {
    const { maps, reduces } = this.#state;
    if (reduces.completed === reduces.tasks.length) return;
    for (const [number, task] of maps.tasks.entries()) {
      if (task.status === "completed" && isGone(task.result!, number)) this.#ledger.redo(number);
    }
  }

  #finished({ worker, attempt, report, tookMs }: Input.AttemptFinished<M>): void {
    if (!this.#ledger.end(worker, attempt)) {
      if (!this.counts(worker, attempt)) this.#effects.push({ kind: "forget", worker, attempt });
      return;
    }
    const task = this.#ledger.task(attempt)!;
    for (const other of [...task.running]) this.#cancel(attempt, other);
    task.result = { attempt: attempt.attempt, worker, report, tookMs };
    if (attempt.kind === "map" && this.#state.reduces.tasks.length > 0) {
      this.#ledger.complete(attempt);
    } else {
      task.status = "committing";
      this.#effects.push({ kind: "commit", worker, attempt });
    }
  }

  #failed({ worker, attempt, error, retry }: Input.AttemptFailed): void {
    if (!this.#ledger.end(worker, attempt)) return;
    if (!retry) return this.#fail(error);
    this.#count(attempt, worker, error);
    this.#ledger.idleIfNowhere(attempt);
  }

  #fetchFailed({ worker, attempt, maps }: Input.FetchFailed): void {
    if (!this.#ledger.end(worker, attempt)) return;
    // Whose network is at fault is unknown: the next attempt is made elsewhere, and none is blamed.
    avoid(this.#ledger.task(attempt)!, worker);
    this.#ledger.idleIfNowhere(attempt);
    for (const map of maps) {
      const task = this.#state.maps.tasks[map.task];
      if (task?.status !== "completed" || task.result?.attempt !== map.attempt) continue;
      if (++task.fetchFailures < this.#settings.maxFetchFailures) continue;
      const message = `its output could not be fetched ${task.fetchFailures} times`;
      this.#ledger.redo(map.task);
      this.#count(map, task.result.worker, { code: "task-failed", message });
    }
  }

  #committed(attempt: AttemptId): void {
    const task = this.#ledger.task(attempt);
    if (task?.status !== "committing" || task.result?.attempt !== attempt.attempt) return;
    this.#ledger.complete(attempt);
  }

  #commitFailed({ attempt, error }: Input.CommitFailed): void {
    const task = this.#ledger.task(attempt);
    if (task?.status !== "committing" || task.result?.attempt !== attempt.attempt) return;
    const { worker } = task.result;
    delete task.result;
    this.#ledger.makeIdle(attempt);
    this.#count(attempt, worker, error);
  }

  #backUp({ task: id }: Input.BackUp): void {
    const task = this.#ledger.task(id)!;
    if (task.status !== "in-progress" || task.running.length !== 1) return;
    const worker = freestWorker(this.#state, task);
    if (worker) this.#start(id, worker);
  }

  #restarted(): void {
    for (const worker of this.#state.workers) worker.isMissing = true;
    for (const { kind, tasks } of this.#ledger.phases) {
      for (const [task, { status, result, running }] of tasks.entries()) {
        for (const each of running) each.startedAtMs = each.heardAtMs = this.#nowMs;
        if (status !== "committing") continue;
        const { worker, attempt } = result!;
        this.#effects.push({ kind: "commit", worker, attempt: { kind, task, attempt } });
      }
    }
  }

  /** Counts a failure; the last that is allowed is the job's. */
  #count(id: AttemptId, worker: string, error: Input.TaskError): void {
    const task = this.#ledger.task(id)!;
    avoid(task, worker);
    if (++task.failures < this.#settings.maxAttempts || this.#state.outcome) return;
    const message = `${id.kind} task ${id.task} failed ${task.failures} times: ${error.message}`;
    this.#fail({ ...error, code: "task-failed", message }, error);
  }

  #fail(error: Input.TaskError, cause?: Input.TaskError): void {
    this.#cancelAll();
    this.#state.outcome = { kind: "failed", error, ...(cause && { cause }) };
    this.#effects.push({ kind: "job-failed", error, ...(cause && { cause }) });
  }

  #schedule(): void {
    const { maps, reduces } = this.#state;
    const last = reduces.tasks.length > 0 ? reduces : maps;
    if (last.completed === last.tasks.length) {
      this.#cancelAll();
      this.#state.outcome = { kind: "finished" };
      this.#effects.push({ kind: "job-finished" });
      return;
    }
    for (const { task, worker } of placements(this.#state)) this.#start(task, worker);
  }

  #start(id: TaskId, worker: State.WorkerState): void {
    const attempt = this.#ledger.begin(id, worker, this.#nowMs);
    this.#effects.push({ kind: "start", worker: worker.id, attempt: { ...id, attempt } });
  }

  #cancel({ kind, task }: TaskId, { attempt, worker }: State.RunningAttempt): void {
    const id = { kind, task, attempt };
    this.#ledger.end(worker, id);
    this.#effects.push({ kind: "cancel", worker, attempt: id });
  }

  #cancelAll(): void {
    for (const { kind, tasks } of this.#ledger.phases) {
      for (const [task, { running }] of tasks.entries()) {
        for (const each of [...running]) this.#cancel({ kind, task }, each);
      }
    }
  }
}
