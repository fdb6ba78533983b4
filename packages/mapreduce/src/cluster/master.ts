import { type Clock, systemClock, type Timer } from "@quorate/runtime";
import { type NodeId, type Transport, TransportError } from "@quorate/transport";
import { MapReduceError } from "../mapreduce-error.ts";
import {
  type AttemptId,
  attemptName,
  type JobTotals,
  type TaskError,
  Tracker,
  type TrackerEffect,
  type TrackerInput,
  type TrackerState,
} from "../tracker/index.ts";
import type { JobJournal } from "./job-journal.ts";
import type { JobOutput, JobPlan } from "./job-plan.ts";
import { type MasterOptions, type MasterSettings, validatedMaster } from "./master-options.ts";
import {
  type Assignment,
  decode,
  encode,
  NUDGE,
  nodeOf,
  SYNC,
  type Sync,
  type SyncAnswer,
} from "./protocol.ts";

export interface MasterDependencies {
  /** Started. Its node is what workers have among their `masters`. */
  readonly transport: Transport;
  readonly journal: JobJournal;
  readonly output: JobOutput;
  /** @default systemClock */
  readonly clock?: Clock;
}

/** The master of one run of one job. */
export interface Master {
  /**
   * What the job did, once its result is there.
   *
   * @throws {MapReduceError} as a rejection: why the job failed; `journal-failed` when this master
   * cannot go on, and another one may; `aborted` when it was stopped.
   */
  readonly result: Promise<JobTotals>;
  /** What was done so far. */
  totals(): JobTotals;
  /** What is known at this moment, to be looked at. */
  readonly state: TrackerState;
  /** Ends the job, for good. `result` rejects with `aborted`. */
  abort(reason: string): void;
  /** Ends this master and leaves the job as it is: another one goes on with it. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Runs a job on the workers that join, or goes on with it where the last master was lost.
 *
 * Each event is in the journal before anything comes of it, so a successor knows of all that workers
 * were told and of each commit that was allowed.
 *
 * @throws {MapReduceError} `invalid-job`, `journal-failed`, `output-exists`, and what `plan` throws.
 * @throws {TransportError} `already-handled` when a master runs on this transport already.
 */
export async function startMaster(
  options: MasterOptions,
  dependencies: MasterDependencies,
): Promise<Master> {
  const settings = validatedMaster(options);
  const { journal } = dependencies;
  try {
    const { epoch, records } = await written(journal.open());
    const [first, ...inputs] = records.map((record) => decode(record));
    const job = (first as JournaledJob | undefined) ?? {
      job: settings.job,
      plan: await settings.plan(),
    };
    if (job.job !== settings.job) {
      throw new MapReduceError("invalid-job", `the journal is of ${job.job}, not ${settings.job}`);
    }
    if (!first) await written(journal.append(encode(job)));
    await dependencies.output.begin();
    const master = new ClusterMaster(settings, dependencies, job.plan, epoch);
    master.begin(inputs as TrackerInput[]);
    return master;
  } catch (error) {
    await journal.close().catch(() => {}); // it is not to be used, and says so itself
    throw error;
  }
}

async function written<T>(journaled: Promise<T>): Promise<T> {
  try {
    return await journaled;
  } catch (error) {
    if (error instanceof MapReduceError) throw error;
    throw new MapReduceError("journal-failed", "the journal cannot be used", { cause: error });
  }
}

/** The first record of a journal. */
interface JournaledJob {
  readonly job: string;
  readonly plan: JobPlan;
}

/** A worker, as long as it is not taken for dead. */
interface KnownWorker {
  heardAtMs: number;
  /** Since this master began. */
  hasJoined: boolean;
}

class ClusterMaster implements Master {
  readonly result: Promise<JobTotals>;
  readonly #settings: MasterSettings;
  readonly #transport: Transport;
  readonly #journal: JobJournal;
  readonly #output: JobOutput;
  readonly #clock: Clock;
  readonly #plan: JobPlan;
  readonly #epoch: number;
  readonly #tracker: Tracker;
  readonly #workers = new Map<string, KnownWorker>();
  #resolve!: (totals: JobTotals) => void;
  #reject!: (error: MapReduceError) => void;
  #unsubscribe: () => void = () => {};
  #timer: Timer | undefined;
  #lastWorkerAtMs: number;
  #isStopped = false;
  #closed: Promise<void> = Promise.resolve();
  /** Resolves when all that was told so far is in the journal. */
  #written: Promise<void> = Promise.resolve();

  constructor(
    settings: MasterSettings,
    { transport, journal, output, clock = systemClock }: MasterDependencies,
    plan: JobPlan,
    epoch: number,
  ) {
    this.#settings = settings;
    this.#transport = transport;
    this.#journal = journal;
    this.#output = output;
    this.#clock = clock;
    this.#plan = plan;
    this.#epoch = epoch;
    this.#lastWorkerAtMs = clock.now();
    const maps = plan.splits.map(({ split: { hosts } }) => (hosts ? { hosts } : {}));
    this.#tracker = new Tracker({ maps, reduces: plan.partitions }, settings.tracker);
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {}); // whoever does not wait for it need not handle it
  }

  get state(): TrackerState {
    return this.#tracker.state;
  }

  totals(): JobTotals {
    return this.#tracker.totals();
  }

  abort(reason: string): void {
    this.#tell({ kind: "aborted", error: { code: "aborted", message: reason } });
  }

  async stop(): Promise<void> {
    if (!this.#isStopped) this.#end(new MapReduceError("aborted", "the master was stopped"));
    await this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  /** Goes on from what the journal has. */
  begin(inputs: readonly TrackerInput[]): void {
    const nowMs = this.#clock.now();
    for (const input of inputs) this.#tracker.apply(input, nowMs);
    for (const { id } of this.state.workers) {
      this.#workers.set(id, { heardAtMs: nowMs, hasJoined: false });
    }
    this.#unsubscribe = this.#transport.onRequest(SYNC, async (from, bytes) =>
      encode(await this.#sync(from, decode(bytes) as Sync)),
    );
    const { outcome } = this.state;
    if (outcome?.kind === "finished") void this.#finish();
    else if (outcome) void this.#failJob(outcome.error, outcome.cause);
    else {
      if (inputs.length > 0) this.#tell({ kind: "restarted" });
      this.#tickLater();
    }
  }

  /** Takes in what happened; what is to come of it comes once that is in the journal. */
  #tell(input: TrackerInput): void {
    if (this.#isStopped || this.state.outcome) return;
    const effects = this.#tracker.apply(input, this.#clock.now());
    this.#written = this.#journal.append(encode(input));
    this.#written.then(
      () => {
        for (const effect of effects) if (!this.#isStopped) this.#carryOut(effect);
      },
      (error: unknown) => this.#break("the journal cannot be written", error),
    );
  }

  #carryOut(effect: TrackerEffect): void {
    switch (effect.kind) {
      case "start":
      case "cancel":
      case "forget":
        return this.#nudge(effect.worker);
      case "commit":
        return void this.#commit(effect.attempt);
      case "job-finished":
        return void this.#finish();
      case "job-failed":
        return void this.#failJob(effect.error, effect.cause);
    }
  }

  /** What it is to do, it is told when it asks; here it is told to ask. */
  #nudge(worker: string): void {
    try {
      this.#transport.send(nodeOf(worker), NUDGE, new Uint8Array());
    } catch (error) {
      // It is out of reach, and its address unknown if it was never dialled: it asks by itself.
      if (!(error instanceof TransportError)) throw error;
    }
  }

  async #commit(attempt: AttemptId): Promise<void> {
    try {
      await this.#output.commit(attempt);
    } catch (error) {
      return this.#commitFailed(attempt, error);
    }
    this.#tell({ kind: "committed", attempt });
  }

  async #commitFailed(attempt: AttemptId, cause: unknown): Promise<void> {
    if (this.#isStopped) return;
    try {
      await this.#output.discard(attempt);
    } catch (error) {
      return this.#break(`whether ${attemptName(attempt)} is committed is unknown`, error);
    }
    const message = cause instanceof Error ? cause.message : String(cause);
    this.#tell({ kind: "commit-failed", attempt, error: { code: "output-failed", message } });
  }

  async #finish(): Promise<void> {
    try {
      const { partitions, splits } = this.#plan;
      const badRecords = this.state.maps.tasks.flatMap(
        ({ result }) => result?.report.badRecords ?? [],
      );
      await this.#output.finish(partitions || splits.length, badRecords);
      if (!this.#isStopped) this.#resolve(this.totals());
    } catch (error) {
      this.#reject(new MapReduceError("output-failed", "cannot commit the job", { cause: error }));
    }
  }

  async #failJob({ code, message, place }: TaskError, cause?: TaskError): Promise<void> {
    const error = new MapReduceError(code, message, { place, cause });
    await this.#output.abort().catch(() => {}); // what is left over is seen by nobody
    this.#reject(error);
  }

  /** This master cannot go on. What is in the journal is for the next. */
  #break(message: string, cause?: unknown): void {
    if (this.#isStopped) return;
    this.#end(new MapReduceError("journal-failed", message, { cause }));
  }

  #end(error: MapReduceError): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#unsubscribe();
    this.#reject(error);
    this.#closed = this.#journal.close().catch(() => {}); // what it could not write, nobody was told
  }

  /** The answer is as of now, and is given when all that it builds on is in the journal. */
  async #sync(from: NodeId, sync: Sync): Promise<SyncAnswer> {
    const { job } = this.#settings;
    const epoch = this.#epoch;
    if (sync.job === job && sync.epoch > epoch) {
      this.#break("another master has taken the job over");
      throw new Error("this master is not the newest");
    }
    if (this.state.outcome) {
      await this.#written;
      return { kind: "over", job };
    }
    if (sync.leaves) {
      if (this.#workers.has(sync.worker)) this.#lose(sync.worker);
      return { kind: "over", job };
    }
    const isKnown = this.#workers.get(sync.worker)?.hasJoined && sync.job === job;
    if (!isKnown && (sync.job !== job || !sync.holds)) return { kind: "join", job, epoch };
    if (!isKnown) this.#join(from, sync);
    this.#workers.get(sync.worker)!.heardAtMs = this.#clock.now();
    this.#takeIn(sync);
    const answer = this.#answer(sync);
    await this.#written;
    return answer;
  }

  #join(from: NodeId, { worker, host, slots, holds }: Sync): void {
    for (const earlier of this.#workers.keys()) {
      if (nodeOf(earlier) === from && earlier !== worker) this.#lose(earlier);
    }
    this.#workers.set(worker, { heardAtMs: this.#clock.now(), hasJoined: true });
    this.#tell({ kind: "worker-joined", worker, host, slots, ...(holds && { holds }) });
  }

  #lose(worker: string): void {
    this.#workers.delete(worker);
    this.#tell({ kind: "worker-lost", worker });
  }

  #takeIn({ worker, ended, progressed }: Sync): void {
    const nowMs = this.#clock.now();
    for (const attempt of progressed) this.#tracker.progressed(worker, attempt, nowMs);
    for (const each of ended) {
      this.#tell({ worker, ...each });
      if (each.kind === "attempt-finished" && each.report.skipped > 0) this.#checkBadRecords();
    }
  }

  #checkBadRecords(): void {
    const { maxBadRecords = Infinity } = this.#plan;
    const { skipped } = this.totals().maps;
    if (skipped <= maxBadRecords) return;
    const message = `${skipped} records are bad, and at most ${maxBadRecords} may be`;
    this.#tell({ kind: "aborted", error: { code: "bad-record", message } });
  }

  #answer({ worker, running, ended, holds = [] }: Sync): SyncAnswer {
    const job = this.#settings.job;
    const names = new Set(running.map(attemptName));
    const start = this.#tracker.attemptsOn(worker).filter((each) => !names.has(attemptName(each)));
    return {
      kind: "work",
      job,
      epoch: this.#epoch,
      start: start.flatMap((attempt) => this.#assignment(attempt) ?? []),
      cancel: running.filter((attempt) => !this.#tracker.isRunning(worker, attempt)),
      alive: this.state.workers.map(({ id }) => id),
      forget: [...ended.map(({ attempt }) => attempt), ...holds].filter(
        (attempt) => !this.#tracker.counts(worker, attempt),
      ),
    };
  }

  /** Undefined as long as a reduce has to wait for a map that is being redone. */
  #assignment(attempt: AttemptId): Assignment | undefined {
    const { spec, splits, partitions, ranges } = this.#plan;
    if (attempt.kind === "map") {
      const { source, split } = splits[attempt.task]!;
      return { kind: "map", attempt, spec, source, split, partitions, ...(ranges && { ranges }) };
    }
    const sources = this.#tracker
      .mapOutputs()
      ?.map((output) => ({ attempt: output.attempt, worker: output.worker }));
    return sources && { kind: "reduce", attempt, spec, sources };
  }

  #tickLater(): void {
    this.#timer = this.#clock.setTimer(this.#settings.heartbeatMs, () => {
      this.#tick();
      if (!this.#isStopped && !this.state.outcome) this.#tickLater();
    });
  }

  #tick(): void {
    const nowMs = this.#clock.now();
    const { deadAfterMs, withoutWorkersMs } = this.#settings;
    for (const [worker, { heardAtMs }] of this.#workers) {
      if (nowMs - heardAtMs >= deadAfterMs) this.#lose(worker);
    }
    for (const input of this.#tracker.due(nowMs)) this.#tell(input);
    if (this.#workers.size > 0) this.#lastWorkerAtMs = nowMs;
    if (nowMs - this.#lastWorkerAtMs < withoutWorkersMs) return;
    const message = `no worker for ${withoutWorkersMs} ms`;
    this.#tell({ kind: "aborted", error: { code: "worker-lost", message } });
  }
}
