import { type Clock, pause, type Timer } from "@quorate/runtime";
import type { CheckpointStore } from "../checkpoint/checkpoint-store.ts";
import { layerOfSubtasks } from "../checkpoint/merge-layers.ts";
import type { CheckpointLayer } from "../core/state/layer.ts";
import { StreamError } from "../stream-error.ts";
import type { CheckpointMetrics } from "./metrics.ts";
import { type CheckpointPart, transactionsOf } from "./subtask.ts";
import type { SubtaskHandle } from "./subtask-handle.ts";

export interface CheckpointingOptions {
  readonly clock: Clock;
  readonly checkpoints: CheckpointStore;
  readonly checkpointIntervalMs: number;
  readonly minPauseMs: number;
  readonly checkpointTimeoutMs: number;
  readonly maxFailedCheckpoints: number;
}

/** What outlives an attempt: ids are given once, and what is counted goes on. */
export interface CheckpointLedger {
  nextId: number;
  metrics: CheckpointMetrics;
}

/** Asked for by someone, besides those by the clock. */
export interface CheckpointRequest {
  /** Nothing is read after it. */
  readonly isFinal: boolean;
  /** Called when it is kept and committed, before there is a next one. */
  readonly onKept: () => void | Promise<void>;
}

interface Pending {
  readonly id: number;
  readonly startedAtMs: number;
  readonly request: CheckpointRequest | undefined;
  readonly parts: (CheckpointPart | undefined)[];
  readonly timeout: Timer;
}

/**
 * Checkpoints of one attempt, one at a time: barriers to all subtasks, what they hand in into the
 * store, then the commits. What could not be stored is stored with the next one.
 */
export class Checkpointing {
  /** Since the start of the attempt. */
  completed = 0;
  readonly #options: CheckpointingOptions;
  readonly #ledger: CheckpointLedger;
  readonly #subtasks: readonly SubtaskHandle[];
  readonly #onFailed: (error: unknown) => void;
  readonly #requests: CheckpointRequest[] = [];
  /** The kept one that layers are added to. */
  #base: number | undefined;
  #unkept: CheckpointLayer[];
  #unkeptTransactions: ReadonlyMap<string, readonly unknown[]> = new Map();
  #failedInARow = 0;
  #pending: Pending | undefined;
  #timer: Timer | undefined;
  /** Settles when what is being stored is kept, or has failed. */
  #stored: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  /** `unkept`: state that the attempt began with and that is in no checkpoint of the store. */
  constructor(
    options: CheckpointingOptions,
    ledger: CheckpointLedger,
    subtasks: readonly SubtaskHandle[],
    base: number | undefined,
    unkept: readonly CheckpointLayer[],
    onFailed: (error: unknown) => void,
  ) {
    this.#options = options;
    this.#ledger = ledger;
    this.#subtasks = subtasks;
    this.#base = base;
    this.#unkept = [...unkept];
    this.#onFailed = onFailed;
  }

  start(): void {
    this.#schedule(this.#options.checkpointIntervalMs);
  }

  /** One more, as soon as the one that is under way is through. */
  request(request: CheckpointRequest): void {
    this.#requests.push(request);
    if (!this.#pending) this.#trigger();
  }

  onPart(subtask: number, part: CheckpointPart): void {
    const pending = this.#pending;
    if (this.#isClosed || part.id !== pending?.id || pending.parts[subtask]) return;
    pending.parts[subtask] = part;
    if (this.#subtasks.some((_, at) => !pending.parts[at])) return;
    this.#complete(pending).catch((error: unknown) => this.#fail(error));
  }

  /**
   * Waits for what is being stored: kept after the next attempt has looked for the newest, it would
   * bring back transactions that were dropped by then. A store that hangs is given up after as long as
   * a checkpoint may take.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#pending?.timeout.cancel();
    const { clock, checkpointTimeoutMs } = this.#options;
    await pause(clock, checkpointTimeoutMs, [], this.#stored);
  }

  #schedule(delayMs: number): void {
    this.#timer?.cancel();
    if (delayMs === Infinity || this.#isClosed) return;
    this.#timer = this.#options.clock.setTimer(delayMs, () => this.#trigger());
  }

  #trigger(): void {
    if (this.#pending || this.#isClosed) return;
    this.#timer?.cancel();
    const { clock, checkpointTimeoutMs } = this.#options;
    const id = this.#ledger.nextId++;
    const request = this.#requests.shift();
    this.#pending = {
      id,
      startedAtMs: clock.now(),
      request,
      parts: [],
      timeout: clock.setTimer(checkpointTimeoutMs, () => {
        const message = `checkpoint ${id} took longer than ${checkpointTimeoutMs} ms`;
        this.#fail(new StreamError("checkpoint-failed", message));
      }),
    };
    for (const subtask of this.#subtasks) subtask.barrier(id, request?.isFinal ?? false);
  }

  async #complete(pending: Pending): Promise<void> {
    const { id, request, startedAtMs, timeout } = pending;
    const parts = pending.parts as CheckpointPart[];
    this.#unkept.push(layerOfSubtasks(parts.map(({ layer }) => layer)));
    this.#unkeptTransactions = joined(this.#unkeptTransactions, transactionsOf(parts));
    const storing = this.#store(id, request?.isFinal ?? false);
    this.#stored = storing.catch(() => {});
    const bytes = await storing;
    if (this.#isClosed) return;
    if (bytes !== undefined) await Promise.all(this.#subtasks.map((subtask) => subtask.commit(id)));
    if (this.#isClosed) return;
    timeout.cancel();
    const { clock, checkpointIntervalMs, minPauseMs } = this.#options;
    const tookMs = clock.now() - startedAtMs;
    if (bytes === undefined) {
      if (request) this.#requests.unshift(request);
    } else {
      this.#count(id, tookMs, bytes);
      await request?.onKept();
    }
    this.#pending = undefined;
    if (bytes !== undefined && this.#requests.length > 0) this.#trigger();
    else this.#schedule(Math.max(minPauseMs, checkpointIntervalMs - tookMs));
  }

  /** How many bytes it added; undefined if it failed, and may. */
  async #store(id: number, isFinal: boolean): Promise<number | undefined> {
    const { checkpoints, maxFailedCheckpoints } = this.#options;
    const transactions = this.#unkeptTransactions;
    try {
      const layers = this.#unkept;
      const { bytes } = await checkpoints.save({ id, base: this.#base, layers, transactions });
      if (transactions.size > 0) await checkpoints.committing(id);
      this.#base = id;
      this.#unkept = [];
      this.#unkeptTransactions = new Map();
      this.#failedInARow = 0;
      return bytes;
    } catch (cause) {
      const { metrics } = this.#ledger;
      this.#ledger.metrics = { ...metrics, failed: metrics.failed + 1 };
      this.#failedInARow++;
      if (!isFinal && this.#failedInARow <= maxFailedCheckpoints) return undefined;
      const message = `checkpoint ${id} could not be stored: ${(cause as Error)?.message ?? cause}`;
      throw new StreamError("checkpoint-failed", message, { cause });
    }
  }

  #count(id: number, tookMs: number, bytes: number): void {
    this.completed++;
    const { completed, failed } = this.#ledger.metrics;
    this.#ledger.metrics = {
      completed: completed + 1,
      failed,
      lastId: id,
      lastMs: tookMs,
      lastBytes: bytes,
    };
  }

  #fail(error: unknown): void {
    if (!this.#isClosed) this.#onFailed(error);
  }
}

function joined(
  one: ReadonlyMap<string, readonly unknown[]>,
  other: ReadonlyMap<string, readonly unknown[]>,
): ReadonlyMap<string, readonly unknown[]> {
  const all = new Map(one);
  for (const [id, transactions] of other) all.set(id, [...(all.get(id) ?? []), ...transactions]);
  return all;
}
