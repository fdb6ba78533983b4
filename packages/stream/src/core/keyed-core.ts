import { StreamError } from "../stream-error.ts";
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
  #tickMs = -Infinity;
  /** Stopped in the middle of firing, because what follows had no room; only ticks come meanwhile. */
  #isStopped = false;
  #isWatermarkHeld = false;
  readonly #fire: (timer: KeyTimer<K>) => void = (timer) => this.onTimer(timer);
  readonly #resume = (): boolean => this.#goOn();

  constructor(context: OperatorContext, next: Channel<Out>) {
    this.context = context;
    this.next = next;
    context.processingTime.onTick((nowMs) => this.#tick(nowMs));
    context.observe(() => ({ rows: this.rows.size, timers: this.timers.size }));
  }

  /** Timers that are due fire before the watermark is handed on: what they emit is not late. */
  watermark(ms: number): void {
    // After a restore with other subtasks, an input may be behind what the operator has had.
    this.watermarkMs = Math.max(this.watermarkMs, ms);
    if (this.timers.fire("event", this.watermarkMs, this.#fire, this.context.flow)) {
      this.next.watermark(this.watermarkMs);
      return;
    }
    this.#isWatermarkHeld = true;
    this.#stop();
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
    this.rows.migrations = this.context.migrations;
    try {
      this.watermarkMs = restoreKeyed(this.rows, this.timers, restored, codec);
    } catch (cause) {
      const message = `operator ${this.context.id}: ${(cause as Error)?.message ?? cause}`;
      throw new StreamError("incompatible-state", message, { cause });
    }
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

  #tick(nowMs: number): void {
    this.#tickMs = nowMs;
    if (this.#isStopped) return;
    if (!this.timers.fire("processing", nowMs, this.#fire, this.context.flow)) this.#stop();
  }

  #stop(): void {
    this.#isStopped = true;
    this.context.stop(this.#resume);
  }

  /** Fires on; true when all that is due has fired. */
  #goOn(): boolean {
    const { flow } = this.context;
    if (this.#isWatermarkHeld) {
      if (!this.timers.fire("event", this.watermarkMs, this.#fire, flow)) return false;
      this.#isWatermarkHeld = false;
      this.next.watermark(this.watermarkMs);
    }
    if (!this.timers.fire("processing", this.#tickMs, this.#fire, flow)) return false;
    this.#isStopped = false;
    return true;
  }
}
