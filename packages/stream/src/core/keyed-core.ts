import type { Channel } from "./channel.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { Key } from "./state/key-groups.ts";
import { keyedLayer, restoredMore, restoreKeyed } from "./state/keyed-layers.ts";
import { KeyedRows } from "./state/keyed-rows.ts";
import { KeyTimers } from "./time/key-timers.ts";
import type { KeyTimer } from "./time/key-timer.ts";

/**
 * State and timers by key, and what control events do to them: all of a keyed operator but its
 * records. Subclasses declare their states and then call `restore`, in the constructor.
 */
export abstract class KeyedCore<K extends Key, Out> {
  protected readonly rows: KeyedRows<K> = new KeyedRows();
  protected readonly timers: KeyTimers<K> = new KeyTimers(this.rows);
  protected readonly context: OperatorContext;
  protected readonly next: Channel<Out>;
  protected watermarkMs: number = -Infinity;
  readonly #fire: (timer: KeyTimer<K>) => void = (timer) => this.onTimer(timer);

  constructor(context: OperatorContext, next: Channel<Out>) {
    this.context = context;
    this.next = next;
    context.processingTime.onTick((nowMs) => this.timers.fire("processing", nowMs, this.#fire));
  }

  /** Timers that are due fire before the watermark is handed on: what they emit is not late. */
  watermark(ms: number): void {
    this.watermarkMs = ms;
    this.timers.fire("event", ms, this.#fire);
    this.next.watermark(ms);
  }

  idle(): void {
    this.next.idle();
  }

  barrier(checkpointId: number): void {
    const { keyGroups, codec } = this.context;
    const layer = keyedLayer(this.rows, this.watermarkMs, keyGroups, codec, this.own());
    this.context.keep(checkpointId, layer);
    this.next.barrier(checkpointId);
  }

  end(): void {
    this.next.end();
  }

  protected restore(): void {
    const { restored, codec } = this.context;
    this.watermarkMs = restoreKeyed(this.rows, this.timers, restored, codec);
    const own = restoredMore(restored, codec);
    if (own.length > 0) this.restoreOwn(own);
  }

  /** What is kept besides the rows, whole in each checkpoint: plain data, or undefined. */
  protected own(): unknown {
    return undefined;
  }

  /** What `own` was in each subtask that there was. */
  protected restoreOwn(_own: readonly unknown[]): void {}

  /** Its key is the current one. */
  protected abstract onTimer(timer: KeyTimer<K>): void;
}
