import type { Channel } from "./channel.ts";
import { Operator } from "./operator.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";
import { keyedLayer, restoreKeyed } from "./state/keyed-layers.ts";
import { KeyedRows } from "./state/keyed-rows.ts";
import { KeyTimers } from "./time/key-timers.ts";
import type { KeyTimer } from "./time/key-timer.ts";

/**
 * An operator with state and timers by key. It asks for a record's key itself, so in one subtask
 * `keyBy` costs nothing. Subclasses declare their states and then call `restore`, in the constructor.
 */
export abstract class KeyedOperator<K extends Key, In, Out> extends Operator<In, Out> {
  protected readonly rows: KeyedRows<K> = new KeyedRows();
  protected readonly timers: KeyTimers<K> = new KeyTimers(this.rows);
  protected readonly keyOf: (value: In) => K;
  protected readonly context: OperatorContext;
  protected watermarkMs: number = -Infinity;
  readonly #fire: (timer: KeyTimer<K>) => void = (timer) => this.onTimer(timer);

  constructor(context: OperatorContext, next: Channel<Out>, keyOf: (value: In) => K) {
    super(next);
    this.context = context;
    this.keyOf = keyOf;
    context.processingTime.onTick((nowMs) => this.timers.fire("processing", nowMs, this.#fire));
  }

  /** Timers that are due fire before the watermark is handed on: what they emit is not late. */
  override watermark(ms: number): void {
    this.watermarkMs = ms;
    this.timers.fire("event", ms, this.#fire);
    this.next.watermark(ms);
  }

  override barrier(checkpointId: number): void {
    const { keyGroups, codec } = this.context;
    this.context.keep(checkpointId, keyedLayer(this.rows, this.watermarkMs, keyGroups, codec));
    this.next.barrier(checkpointId);
  }

  protected restore(): void {
    const { restored, codec } = this.context;
    this.watermarkMs = restoreKeyed(this.rows, this.timers, restored, codec);
  }

  /** Its key is the current one. */
  protected abstract onTimer(timer: KeyTimer<K>): void;
}
