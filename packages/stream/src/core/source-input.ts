import type { Batch } from "../connector.ts";
import { StreamError } from "../stream-error.ts";
import type { Channel } from "./channel.ts";
import type { OperatorContext } from "./operator-context.ts";
import { NO_GROUPS } from "./state/layer.ts";
import { type SourceState, SourceSplits } from "./source-splits.ts";
import type { WatermarkStrategy } from "./time/watermarks.ts";

/**
 * The head of a chain: gives records their timestamps, makes the watermarks, and keeps the positions
 * of the source's splits in each checkpoint.
 */
export class SourceInput<T> {
  readonly #context: OperatorContext;
  readonly #next: Channel<T>;
  readonly #strategy: WatermarkStrategy<T>;
  readonly #splits: SourceSplits;
  #isIdle = false;

  constructor(context: OperatorContext, next: Channel<T>, strategy: WatermarkStrategy<T>) {
    const { codec, restored, subtask, processingTime } = context;
    this.#context = context;
    this.#next = next;
    this.#strategy = strategy;
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

  /**
   * Pushes a batch through the chain; when it returns, all of it has been processed.
   *
   * @throws {StreamError} `invalid-timestamp`
   */
  push({ records, split: name = "", position, isLast = false }: Batch<T>): void {
    const split = this.#splits.of(name);
    if (records.length > 0) {
      split.lastRecordAtMs = this.#context.processingTime.nowMs;
      split.isIdle = false;
      this.#wake();
      split.watermarkMs = this.#pushRecords(
        records,
        split.watermarkMs,
        this.#splits.othersMs(split),
      );
    }
    split.position = position;
    // An announcement moves nothing: others may not be announced yet.
    const mayAdvance = split.isKnown;
    split.isKnown = true;
    split.isEnded = isLast;
    if (mayAdvance && isLast) this.#advance();
  }

  barrier(checkpointId: number): void {
    const own = this.#context.codec.encode(this.#splits.state());
    this.#context.keep(checkpointId, { groups: NO_GROUPS, own: [own] });
    this.#next.barrier(checkpointId);
  }

  /** The source has no more: all event time has come. */
  end(): void {
    this.#wake();
    this.#splits.watermarkMs = Infinity;
    this.#next.watermark(Infinity);
    this.#next.end();
  }

  /** The split's watermark after them; `othersMs`: the least of the other splits. */
  #pushRecords(records: readonly T[], beforeMs: number, othersMs: number): number {
    const { timestampOf, after } = this.#strategy;
    const next = this.#next;
    let splitMs = beforeMs;
    let { watermarkMs } = this.#splits;
    for (const value of records) {
      const timestampMs = timestampOf(value);
      if (!(timestampMs > -Infinity && timestampMs < Infinity)) throw this.#refused(timestampMs);
      next.record(value, timestampMs);
      const aheadMs = after(value, timestampMs);
      if (aheadMs <= splitMs) continue;
      splitMs = aheadMs;
      const leastMs = splitMs < othersMs ? splitMs : othersMs;
      if (leastMs <= watermarkMs) continue;
      watermarkMs = leastMs;
      this.#splits.watermarkMs = leastMs;
      next.watermark(leastMs);
    }
    return splitMs;
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
    if (this.#isIdle) return;
    if (!this.#splits.goIdle(nowMs - this.#strategy.idleAfterMs)) return;
    this.#advance();
    if (!this.#splits.isIdle(nowMs - this.#strategy.idleAfterMs)) return;
    this.#isIdle = true;
    this.#next.idle();
  }

  #refused(timestampMs: number): StreamError {
    const { id } = this.#context;
    return new StreamError("invalid-timestamp", `${id}: a record's timestamp is ${timestampMs}`);
  }
}
