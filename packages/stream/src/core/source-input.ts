import { StreamError } from "../stream-error.ts";
import type { Channel } from "./channel.ts";
import type { OperatorContext } from "./operator-context.ts";
import { NO_GROUPS } from "./state/layer.ts";
import type { WatermarkStrategy } from "./time/watermarks.ts";

interface SourceState {
  readonly position: unknown;
  readonly watermarkMs: number;
}

/**
 * The head of a chain: gives records their timestamps, makes the watermarks, and keeps the source's
 * position in each checkpoint.
 */
export class SourceInput<T> {
  readonly #context: OperatorContext;
  readonly #next: Channel<T>;
  readonly #strategy: WatermarkStrategy<T>;
  #state: SourceState = { position: undefined, watermarkMs: -Infinity };
  #lastRecordAtMs: number;
  #isIdle = false;

  constructor(context: OperatorContext, next: Channel<T>, strategy: WatermarkStrategy<T>) {
    this.#context = context;
    this.#next = next;
    this.#strategy = strategy;
    this.#lastRecordAtMs = context.processingTime.nowMs;
    const layer = context.restored.at(-1);
    if (layer) this.#state = context.codec.decode(layer.own) as SourceState;
    context.processingTime.onTick((nowMs) => this.#tick(nowMs));
  }

  /** Where to read on: what came with the last batch; undefined: from the start. */
  get position(): unknown {
    return this.#state.position;
  }

  /**
   * Pushes a batch through the chain; when it returns, all of it has been processed.
   *
   * @throws {StreamError} `invalid-timestamp`
   */
  push(records: readonly T[], positionAfter: unknown): void {
    const { timestampOf, after } = this.#strategy;
    const next = this.#next;
    let { watermarkMs } = this.#state;
    if (records.length > 0) this.#wake();
    for (const value of records) {
      const timestampMs = timestampOf(value);
      if (!(timestampMs > -Infinity && timestampMs < Infinity)) throw this.#refused(timestampMs);
      next.record(value, timestampMs);
      const aheadMs = after(value, timestampMs);
      if (aheadMs > watermarkMs) {
        watermarkMs = aheadMs;
        next.watermark(aheadMs);
      }
    }
    this.#state = { position: positionAfter, watermarkMs };
  }

  barrier(checkpointId: number): void {
    const own = this.#context.codec.encode(this.#state);
    this.#context.keep(checkpointId, { groups: NO_GROUPS, own });
    this.#next.barrier(checkpointId);
  }

  /** The source has no more: all event time has come. */
  end(): void {
    this.#wake();
    this.#state = { ...this.#state, watermarkMs: Infinity };
    this.#next.watermark(Infinity);
    this.#next.end();
  }

  #wake(): void {
    this.#lastRecordAtMs = this.#context.processingTime.nowMs;
    if (!this.#isIdle) return;
    this.#isIdle = false;
    this.#next.watermark(this.#state.watermarkMs);
  }

  #tick(nowMs: number): void {
    if (this.#isIdle || nowMs - this.#lastRecordAtMs < this.#strategy.idleAfterMs) return;
    this.#isIdle = true;
    this.#next.idle();
  }

  #refused(timestampMs: number): StreamError {
    const { id } = this.#context;
    return new StreamError("invalid-timestamp", `${id}: a record's timestamp is ${timestampMs}`);
  }
}
