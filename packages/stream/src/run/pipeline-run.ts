import { type Abortable, pause, type Timer } from "@quorate/runtime";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { SavepointFolder } from "../checkpoint/savepoint-folder.ts";
import type { Graph } from "../graph.ts";
import { StreamError } from "../stream-error.ts";
import { Attempt, type AttemptEnd, type SubtaskFactory } from "./attempt.ts";
import type { CheckpointLedger } from "./checkpointing.ts";
import { type PipelineMetrics, pipelineMetrics, type SubtaskMetrics } from "./metrics.ts";
import type { CheckedRunOptions } from "./run-options.ts";

/** `finished`: all sources have ended. `stopped`, `cancelled`: as was asked for. */
export type RunEnd = AttemptEnd | "cancelled";

/** Where a savepoint is written: what `savepointFolder(dir)` returns. */
export type SavepointTarget = Pick<SavepointFolder, "write">;

/** A pipeline that runs, and is run again from its last checkpoint when it fails. */
export class PipelineRun implements AsyncDisposable {
  /**
   * Rejects with what failed when the restart strategy gives up.
   *
   * @throws {StreamError}
   */
  readonly done: Promise<RunEnd>;
  readonly #graph: Graph;
  readonly #options: CheckedRunOptions;
  readonly #make: SubtaskFactory;
  readonly #cancelled = new AbortController();
  readonly #ledger: CheckpointLedger = {
    nextId: 1,
    metrics: { completed: 0, failed: 0, lastId: -1, lastMs: 0, lastBytes: 0 },
  };
  #attempt: Attempt | undefined;
  /** What its subtasks told last, once it has ended. */
  #atEnd: readonly SubtaskMetrics[] = [];
  /** Where the last checkpoint goes as well, once it was asked for. */
  #stopping: { readonly target: SavepointTarget | undefined } | undefined;
  #isOver = false;
  #restarts = 0;
  /** Of restarts since a checkpoint was completed. */
  #failures = 0;

  /** @internal */
  constructor(graph: Graph, options: CheckedRunOptions, make: SubtaskFactory) {
    this.#graph = graph;
    this.#options = options;
    this.#make = make;
    this.done = this.#run();
  }

  /**
   * Takes a last checkpoint, commits it, writes it to `target` as well if there is one, and ends: the
   * next run goes on from there.
   */
  async stop(target?: SavepointTarget): Promise<RunEnd> {
    this.#stopping = { target };
    this.#attempt?.stop(() => this.#writeSavepoint(target));
    return this.done;
  }

  /**
   * A checkpoint whose whole state goes to `target` as well. Resolves when it is there.
   *
   * @throws {StreamError} `closed` if the run ends before
   */
  async savepoint(target: SavepointTarget): Promise<void> {
    const attempt = this.#attempt;
    if (!attempt) throw new StreamError("closed", "the pipeline does not run at the moment");
    const written = new Promise<void>((resolve, reject) => {
      const onKept = async (): Promise<void> => {
        try {
          await this.#writeSavepoint(target);
          resolve();
        } catch (error) {
          reject(error);
        }
      };
      attempt.request({ isFinal: false, onKept });
      const over = (): void => reject(new StreamError("closed", "the run ended before"));
      attempt.ended.then(over, over);
    });
    await written;
  }

  /** Ends at once: what was not committed is left to the next run. */
  async cancel(): Promise<void> {
    this.#cancelled.abort();
    await this.done.catch(() => {});
  }

  async metrics(): Promise<PipelineMetrics> {
    const subtasks = (await this.#attempt?.metrics()) ?? this.#atEnd;
    const { metrics: checkpoints } = this.#ledger;
    const nowMs = this.#options.clock.wallTime();
    return pipelineMetrics(this.#graph, subtasks, nowMs, { checkpoints, restarts: this.#restarts });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  async #run(): Promise<RunEnd> {
    const { signal } = this.#options;
    const cancel = (): void => this.#cancelled.abort();
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    const told = this.#tellMetrics();
    try {
      for (;;) {
        const outcome = await this.#runOnce();
        if (typeof outcome === "string") return outcome;
        await this.#decide(outcome.error);
      }
    } finally {
      this.#isOver = true;
      this.#attempt = undefined;
      told?.cancel();
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** How it ended, or what failed. */
  async #runOnce(): Promise<RunEnd | { readonly error: unknown }> {
    let attempt: Attempt | undefined;
    const cancel = cancellation(this.#cancelled.signal);
    try {
      if (this.#cancelled.signal.aborted) return "cancelled";
      attempt = await this.#begin();
      this.#attempt = attempt;
      const started = attempt.start();
      const failed = attempt.ended.then(() => undefined);
      const early = await Promise.race([started, cancel.cancelled, failed]);
      if (early === "cancelled") return early;
      const { target } = this.#stopping ?? {};
      if (this.#stopping) attempt.stop(() => this.#writeSavepoint(target));
      const end = await Promise.race([attempt.ended, cancel.cancelled]);
      if (end !== "cancelled") this.#atEnd = await attempt.metrics();
      return end;
    } catch (error) {
      return { error };
    } finally {
      cancel.forget();
      this.#attempt = undefined;
      await attempt?.close();
      if (attempt && attempt.completed > 0) this.#failures = 0;
    }
  }

  async #begin(): Promise<Attempt> {
    const { checkpoints, from } = this.#options;
    const latest: Checkpoint | undefined = await checkpoints.latest();
    // Sinks are about to commit again, or for the first time, what a crash left.
    if (latest && latest.transactions.size > 0) await checkpoints.committing(latest.id);
    const savepoint = latest || !from ? [] : await from.read();
    this.#ledger.nextId = Math.max(this.#ledger.nextId, (latest?.id ?? 0) + 1);
    return new Attempt(this.#graph, this.#options, this.#ledger, latest, savepoint, this.#make);
  }

  /** Waits as the restart strategy says, or throws what failed. */
  async #decide(error: unknown): Promise<void> {
    const { restart, clock, onRestart } = this.#options;
    if (error instanceof StreamError && NEVER_BETTER.has(error.code)) throw error;
    this.#failures++;
    const delayMs = restart.delayMs(this.#failures);
    if (delayMs === undefined) {
      if (this.#failures === 1) throw error;
      const message = `gave up after ${this.#failures} failures in a row: ${(error as Error)?.message ?? error}`;
      throw new StreamError("restarts-exhausted", message, { cause: error });
    }
    this.#restarts++;
    onRestart?.(error);
    await pause(clock, delayMs, [this.#cancelled.signal]);
  }

  async #writeSavepoint(target: SavepointTarget | undefined): Promise<void> {
    if (!target) return;
    const latest = await this.#options.checkpoints.latest();
    await target.write(latest?.layers ?? []);
  }

  #tellMetrics(): { cancel(): void } | undefined {
    const { onMetrics, metricsIntervalMs, clock } = this.#options;
    if (!onMetrics) return undefined;
    let timer: Timer | undefined;
    const next = (): void => {
      timer = clock.setTimer(metricsIntervalMs, () => void tell());
    };
    const tell = async (): Promise<void> => {
      const metrics = await this.metrics().catch(() => undefined);
      if (this.#isOver) return;
      if (metrics) onMetrics(metrics);
      next();
    };
    next();
    return { cancel: () => timer?.cancel() };
  }
}

/** What a restart cannot mend. */
const NEVER_BETTER: ReadonlySet<string> = new Set([
  "invalid-option",
  "invalid-graph",
  "incompatible-state",
  "damaged-checkpoint",
]);

interface Cancellation {
  readonly cancelled: Promise<"cancelled">;
  /** The signal outlives attempts: none is to be kept by it. */
  forget(): void;
}

function cancellation(signal: Abortable): Cancellation {
  let forget = (): void => {};
  const cancelled = new Promise<"cancelled">((resolve) => {
    const cancel = (): void => resolve("cancelled");
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel);
    forget = () => signal.removeEventListener("abort", cancel);
  });
  return { cancelled, forget };
}
