import { type Clock, systemClock, type Timer } from "@quorate/runtime";
import { type NodeId, type Transport, TransportError } from "@quorate/transport";
import { MapReduceError } from "../mapreduce-error.ts";
import { tooManyBadRecords } from "../task/bad-records.ts";
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
import type { Master, MasterDependencies } from "./master.ts";
import type { MasterSettings } from "./master-options.ts";
import { decode, encode } from "./json-bytes.ts";
import { NUDGE, nodeOf, SYNC, type Sync, type SyncAnswer } from "./protocol.ts";
import { workFor } from "./work-for.ts";
import { WorkerRoster } from "./worker-roster.ts";

/** Tells the tracker what workers say and what time brings, and carries out what it decides. */
export class ClusterMaster implements Master {
  readonly result: Promise<JobTotals>;
  readonly #settings: MasterSettings;
  readonly #transport: Transport;
  readonly #journal: JobJournal;
  readonly #output: JobOutput;
  readonly #clock: Clock;
  readonly #plan: JobPlan;
  readonly #epoch: number;
  readonly #tracker: Tracker;
  readonly #roster: WorkerRoster;
  #resolve!: (totals: JobTotals) => void;
  #reject!: (error: MapReduceError) => void;
  #unsubscribe: () => void = () => {};
  #timer: Timer | undefined;
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
    this.#roster = new WorkerRoster(clock);
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
    for (const { id } of this.state.workers) this.#roster.expect(id);
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
      await this.#output.finish(partitions || splits.length, this.#tracker.badRecords());
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
      if (this.#roster.has(sync.worker)) this.#lose(sync.worker);
      return { kind: "over", job };
    }
    const isKnown = this.#roster.hasJoined(sync.worker) && sync.job === job;
    if (!isKnown && (sync.job !== job || !sync.holds)) return { kind: "join", job, epoch };
    if (!isKnown) this.#join(from, sync);
    this.#roster.heard(sync.worker);
    this.#takeIn(sync);
    const work = workFor(sync, this.#tracker, this.#plan);
    await this.#written;
    return { kind: "work", job, epoch, ...work };
  }

  #join(from: NodeId, { worker, host, slots, holds }: Sync): void {
    for (const earlier of this.#roster.livesOf(from)) if (earlier !== worker) this.#lose(earlier);
    this.#roster.join(worker);
    this.#tell({ kind: "worker-joined", worker, host, slots, ...(holds && { holds }) });
  }

  #lose(worker: string): void {
    this.#roster.remove(worker);
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
    const tooMany = tooManyBadRecords(this.totals().maps.skipped, maxBadRecords);
    if (!tooMany) return;
    const { code, message } = tooMany;
    this.#tell({ kind: "aborted", error: { code, message } });
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
    for (const worker of this.#roster.silentFor(deadAfterMs)) this.#lose(worker);
    for (const input of this.#tracker.due(nowMs)) this.#tell(input);
    if (this.#roster.emptyForMs() < withoutWorkersMs) return;
    const message = `no worker for ${withoutWorkersMs} ms`;
    this.#tell({ kind: "aborted", error: { code: "worker-lost", message } });
  }
}
