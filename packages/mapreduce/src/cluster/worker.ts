import { type Clock, pause, type Random, systemClock, systemRandom } from "@quorate/runtime";
import type { Transport } from "@quorate/transport";
import type { Disk } from "../disk/disk.ts";
import { systemDisk } from "../disk/system-disk.ts";
import { type AttemptId, attemptName } from "../tracker/index.ts";
import { decode, encode } from "./json-bytes.ts";
import { LiveWorkers } from "./live-workers.ts";
import { MapOutputs } from "./map-outputs.ts";
import {
  type Assignment,
  type Ended,
  NUDGE,
  SEGMENTS,
  SYNC,
  type Sync,
  type SyncAnswer,
} from "./protocol.ts";
import { type AttemptDependencies, runAttempt } from "./run-attempt.ts";
import type { RunTask } from "./run-task.ts";
import { validatedWorker, type WorkerOptions, type WorkerSettings } from "./worker-options.ts";

export interface WorkerDependencies {
  /** Started. */
  readonly transport: Transport;
  readonly runTask: RunTask;
  /** @default systemDisk */
  readonly disk?: Disk;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Tells this life of the worker from others. @default systemRandom */
  readonly random?: Random;
}

/** A worker: it runs what masters give it, job after job. */
export interface Worker {
  /** Its name in this life. */
  readonly id: string;
  /** Ends what runs, takes its leave of the master, and removes what it has. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a worker, which looks for a master and joins it. Nobody is told that it is gone when its
 * process dies: the master notices.
 *
 * @throws {MapReduceError} `invalid-job`. @throws {FileSystemError} when its folder cannot be made.
 */
export async function startWorker(
  options: WorkerOptions,
  dependencies: WorkerDependencies,
): Promise<Worker> {
  const settings = validatedWorker(options, dependencies.transport.nodeId);
  const worker = new ClusterWorker(settings, dependencies);
  worker.begin();
  return worker;
}

interface Run {
  readonly attempt: AttemptId;
  readonly controller: AbortController;
  readonly ended: Promise<void>;
  hasProgressed: boolean;
}

class ClusterWorker implements Worker {
  readonly id: string;
  readonly #settings: WorkerSettings;
  readonly #transport: Transport;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #outputs: MapOutputs;
  readonly #running = new Map<string, Run>();
  readonly #alive = new LiveWorkers();
  readonly #stopped = new AbortController();
  readonly #forAttempts: AttemptDependencies;
  #ended: Ended[] = [];
  #job: string | undefined;
  #epoch = 0;
  #master = 0;
  #isJoining = false;
  /** There is something to tell, or to ask. */
  #isDue = true;
  #wake: () => void = () => {};
  #working: Promise<void> = Promise.resolve();
  #unsubscribes: readonly (() => void)[] = [];

  constructor(
    settings: WorkerSettings,
    {
      transport,
      runTask,
      disk = systemDisk,
      clock = systemClock,
      random = systemRandom,
    }: WorkerDependencies,
  ) {
    this.id = `${transport.nodeId}#${Math.floor(random.next() * 2 ** 48).toString(36)}`;
    this.#settings = settings;
    this.#transport = transport;
    this.#disk = disk;
    this.#clock = clock;
    const { maxServed, fetchTimeoutMs: timeoutMs } = settings;
    this.#outputs = new MapOutputs(disk, clock, { maxServed, timeoutMs });
    this.#forAttempts = {
      worker: this.id,
      settings,
      transport,
      clock,
      disk,
      outputs: this.#outputs,
      alive: this.#alive,
      runTask,
    };
  }

  begin(): void {
    this.#disk.makeFolder(this.#settings.folder);
    this.#removeAll(); // of an earlier life
    this.#unsubscribes = [
      this.#transport.onMessage(NUDGE, () => this.#news()),
      this.#transport.onStream(SEGMENTS, (_from, stream) => this.#outputs.serve(this.id, stream)),
    ];
    this.#working = this.#work();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    for (const { controller } of this.#running.values()) controller.abort();
    await Promise.all([this.#working, ...[...this.#running.values()].map(({ ended }) => ended)]);
    await this.#leave();
    this.#removeAll();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Who does not hear it notices by the silence. */
  async #leave(): Promise<void> {
    if (this.#job === undefined) return;
    const { masters, heartbeatMs } = this.#settings;
    const sync: Sync = { ...this.#state(), leaves: true };
    await this.#transport
      .request(masters[this.#master]!, SYNC, encode(sync), { timeoutMs: 2 * heartbeatMs })
      .catch(() => {});
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopped;
    const { heartbeatMs, masters } = this.#settings;
    while (!signal.aborted) {
      this.#isDue = false;
      const hasAnswered = await this.#sync();
      if (!hasAnswered) this.#master = (this.#master + 1) % masters.length;
      if (this.#isDue && hasAnswered) continue;
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await pause(this.#clock, heartbeatMs, [signal], hasAnswered ? woken : undefined);
    }
  }

  #news(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** One talk with the master. False when there was none. */
  async #sync(): Promise<boolean> {
    const { masters, heartbeatMs } = this.#settings;
    const sync = this.#state();
    let answer: SyncAnswer;
    try {
      const bytes = await this.#transport.request(masters[this.#master]!, SYNC, encode(sync), {
        timeoutMs: 2 * heartbeatMs,
        signal: this.#stopped.signal,
      });
      answer = decode(bytes) as SyncAnswer;
    } catch {
      for (const run of this.#running.values()) run.hasProgressed = true; // it was not told
      return false;
    }
    if (answer.kind === "over") return this.#over(answer.job);
    if (answer.job === this.#job && answer.epoch < this.#epoch) return false; // it is deposed
    if (answer.job !== this.#job) this.#drop();
    this.#job = answer.job;
    this.#epoch = answer.epoch;
    this.#isJoining = answer.kind === "join";
    if (answer.kind === "join") this.#news();
    else this.#take(sync, answer);
    return true;
  }

  #state(): Sync {
    const { host, slots } = this.#settings;
    const running = [...this.#running.values()].filter(
      ({ controller }) => !controller.signal.aborted,
    );
    const progressed = running.filter(({ hasProgressed }) => hasProgressed);
    for (const run of progressed) run.hasProgressed = false;
    return {
      worker: this.id,
      host,
      slots,
      ...(this.#job !== undefined && { job: this.#job }),
      epoch: this.#epoch,
      ...(this.#isJoining && { holds: this.#outputs.attempts }),
      running: running.map(({ attempt }) => attempt),
      progressed: progressed.map(({ attempt }) => attempt),
      ended: [...this.#ended],
    };
  }

  #take(
    sync: Sync,
    { start, cancel, forget, alive }: SyncAnswer & { readonly kind: "work" },
  ): void {
    this.#alive.update(alive);
    this.#ended = this.#ended.filter((each) => !sync.ended.includes(each));
    for (const attempt of cancel) this.#running.get(attemptName(attempt))?.controller.abort();
    for (const attempt of forget) {
      this.#outputs.remove(attempt);
      this.#remove(attempt);
    }
    for (const assignment of start) {
      const name = attemptName(assignment.attempt);
      // What was cancelled takes its time to end; what does not fit in is offered again.
      if (this.#running.has(name) || this.#running.size >= this.#settings.slots) continue;
      if (this.#ended.some(({ attempt }) => attemptName(attempt) === name)) continue;
      this.#start(assignment);
    }
  }

  #over(job: string): boolean {
    if (job === this.#job) this.#drop();
    return false;
  }

  /** Nothing of this job is needed any more. */
  #drop(): void {
    for (const { controller } of this.#running.values()) controller.abort();
    for (const attempt of this.#outputs.attempts) this.#remove(attempt);
    this.#outputs.clear();
    this.#ended = [];
    this.#job = undefined;
    this.#epoch = 0;
  }

  #start(assignment: Assignment): void {
    const { attempt } = assignment;
    const job = this.#job;
    const controller = new AbortController();
    const name = attemptName(attempt);
    const onProgress = (): void => {
      const run = this.#running.get(name);
      if (run) run.hasProgressed = true;
    };
    const place = { folder: this.#folderOf(attempt), signal: controller.signal, onProgress };
    const ended = runAttempt(assignment, place, this.#forAttempts).then((end) => {
      this.#running.delete(name);
      const isWanted = end && !controller.signal.aborted && job === this.#job;
      if (isWanted) this.#ended.push(end);
      if (!isWanted || attempt.kind === "reduce" || end.kind !== "attempt-finished") {
        this.#outputs.remove(attempt);
        this.#remove(attempt);
      }
      this.#news();
    });
    this.#running.set(name, { attempt, controller, ended, hasProgressed: false });
  }

  #folderOf(attempt: AttemptId): string {
    return `${this.#settings.folder}/${attemptName(attempt)}`;
  }

  #remove(attempt: AttemptId): void {
    try {
      this.#disk.remove(this.#folderOf(attempt));
    } catch {
      // It takes up room until the worker is started again.
    }
  }

  #removeAll(): void {
    const { folder } = this.#settings;
    for (const name of this.#disk.list(folder)) this.#disk.remove(`${folder}/${name}`);
  }
}
