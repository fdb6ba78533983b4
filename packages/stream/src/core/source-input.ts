import type { Batch } from "../connector.ts";
import { StreamError } from "../stream-error.ts";
import type { Channel } from "./channel.ts";
import type { OperatorContext } from "./operator-context.ts";
import { NO_GROUPS } from "./state/layer.ts";
import type { OnRecordError } from "./operator-input.ts";
import type { RecordPlace } from "./record-place.ts";
import { type SourceState, type Split, SourceSplits } from "./source-splits.ts";
import type { WatermarkStrategy } from "./time/watermarks.ts";

/**
 * The head of a chain: gives records their timestamps, makes the watermarks, and keeps the positions
 * of the source's splits in each checkpoint.
 */
export class SourceInput<T> {
  /** Since the start of the subtask. */
  records = 0;
  isEnded = false;
  readonly #context: OperatorContext;
  readonly #next: Channel<T>;
  readonly #strategy: WatermarkStrategy<T>;
  readonly #onError: OnRecordError;
  readonly #splits: SourceSplits;
  #isIdle = false;
  /** What is being pushed: stopped in its middle while `isBusy`. */
  #batch: Batch<T> = { records: [], position: undefined };
  #split: Split | undefined;
  #at = 0;
  #isEnding = false;

  constructor(
    context: OperatorContext,
    next: Channel<T>,
    strategy: WatermarkStrategy<T>,
    onError: OnRecordError,
  ) {
    const { codec, restored, subtask, processingTime } = context;
    this.#context = context;
    this.#next = next;
    this.#strategy = strategy;
    this.#onError = onError;
    const states = (restored.at(-1)?.own ?? []).map((own) => codec.decode(own) as SourceState);
    this.#splits = new SourceSplits(states, subtask, processingTime.nowMs);
    processingTime.onTick((nowMs) => this.#tick(nowMs));
  }

  /** Where to read on, by split: what the checkpoint has of all subtasks, and was read since. */
  get positions(): ReadonlyMap<string, unknown> {
    return this.#splits.positions();
  }

  /** Of the splits that this subtask has had batches of. */
  get ownPositions(): ReadonlyMap<string, unknown> {
    return this.#splits.ownPositions();
  }

  /** What was handed on last. */
  get watermarkMs(): number {
    return this.#splits.watermarkMs;
  }

  get isIdle(): boolean {
    return this.#isIdle;
  }

  /** Stopped in the middle of a batch, or of its end. */
  get isBusy(): boolean {
    return this.#split !== undefined || this.#isEnding;
  }

  /** Neither in the middle of a batch, nor held by what follows. */
  get isReady(): boolean {
    return !this.isBusy && this.#context.flow.blocked === 0;
  }

  /** The record that is being pushed, or was last. */
  get place(): RecordPlace {
    const name = this.#batch.split ?? "";
    const { position } = this.#splits.of(name);
    return { source: this.#context.id, split: name, position, index: this.#at };
  }

  /**
   * Pushes a batch through the chain. Stops in its middle when what follows has no room: `goOn` then
   * pushes the rest. Only while `isReady`.
   *
   * @throws {StreamError} `record-failed`, or what the error policy lets through
   */
  push(batch: Batch<T>): void {
    if (!this.isReady) throw new Error(`${this.#context.id} is read while it is held`);
    const { records, split: name = "" } = batch;
    const split = this.#splits.of(name);
    this.#batch = batch;
    this.#split = split;
    this.#at = 0;
    if (records.length > 0) {
      split.lastRecordAtMs = this.#context.processingTime.nowMs;
      split.isIdle = false;
      this.#wake();
    }
    this.goOn();
  }

  /** The source has no more: all event time has come. Only while `isReady`. */
  end(): void {
    this.#wake();
    this.#isEnding = true;
    this.#splits.watermarkMs = Infinity;
    this.#next.watermark(Infinity);
    this.goOn();
  }

  /** Pushes what is left, once what follows has room. */
  goOn(): void {
    const split = this.#split;
    if (this.#context.flow.blocked > 0) return;
    if (this.#isEnding) {
      this.#isEnding = false;
      this.isEnded = true;
      this.#next.end();
    }
    if (split && this.#pushRecords(split)) this.#finish(split);
  }

  barrier(checkpointId: number): void {
    const own = this.#context.codec.encode(this.#splits.state());
    this.#context.keep(checkpointId, { groups: NO_GROUPS, own: [own] });
    this.#next.barrier(checkpointId);
  }

  /** Whether it came to the end of the batch. */
  #pushRecords(split: Split): boolean {
    const { records } = this.#batch;
    const { timestampOf, after } = this.#strategy;
    const { flow } = this.#context;
    const next = this.#next;
    const othersMs = this.#splits.othersMs(split);
    let splitMs = split.watermarkMs;
    let { watermarkMs } = this.#splits;
    for (let at = this.#at; at < records.length; at++) {
      this.#at = at;
      if (flow.blocked > 0) return false;
      const value = records[at] as T;
      let timestampMs: number;
      try {
        timestampMs = timestampOf(value);
        if (!(timestampMs > -Infinity && timestampMs < Infinity)) throw invalid(timestampMs);
      } catch (error) {
        this.#onError(error, value, 0);
        continue;
      }
      next.record(value, timestampMs);
      const aheadMs = after(value, timestampMs);
      if (aheadMs <= splitMs) continue;
      splitMs = aheadMs;
      split.watermarkMs = aheadMs;
      const leastMs = splitMs < othersMs ? splitMs : othersMs;
      if (leastMs <= watermarkMs) continue;
      watermarkMs = leastMs;
      this.#splits.watermarkMs = leastMs;
      next.watermark(leastMs);
    }
    return true;
  }

  #finish(split: Split): void {
    const { records, position, isLast = false } = this.#batch;
    this.#split = undefined;
    this.records += records.length;
    split.position = position;
    // An announcement moves nothing: others may not be announced yet.
    const mayAdvance = split.isKnown;
    split.isKnown = true;
    split.isEnded = isLast;
    if (mayAdvance && isLast) this.#advance();
  }

  #wake(): void {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    this.#next.watermark(this.#splits.watermarkMs);
  }

  #advance(): void {
    const leastMs = this.#splits.leastMs();
    if (leastMs <= this.#splits.watermarkMs) return;
    this.#splits.watermarkMs = leastMs;
    this.#next.watermark(leastMs);
  }

  #tick(nowMs: number): void {
    if (this.#isIdle || this.isEnded || !this.isReady) return;
    const sinceMs = nowMs - this.#strategy.idleAfterMs;
    if (!this.#splits.goIdle(sinceMs)) return;
    this.#advance();
    if (!this.#splits.isIdle(sinceMs)) return;
    this.#isIdle = true;
    this.#next.idle();
  }
}

function invalid(timestampMs: number): StreamError {
  return new StreamError("invalid-timestamp", `a record's timestamp is ${timestampMs}`);
}
