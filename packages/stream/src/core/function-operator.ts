import { KeyedCore } from "./keyed-core.ts";
import type { OutputTag } from "./output-tag.ts";
import type { Key } from "./state/key-groups.ts";
import { type KeyedStates, statesOf } from "./state/states.ts";
import type { ExpiringCell, ExpiryHost } from "./state/time-to-live.ts";
import type { KeyTimer, TimeDomain } from "./time/key-timer.ts";

/** What a process function works with. State, timers and `key` are those of the current key. */
export interface ProcessContext<K extends Key, Out> {
  readonly state: KeyedStates;
  readonly key: K;
  /** -Infinity before the first watermark. */
  readonly watermarkMs: number;
  readonly processingTimeMs: number;
  /** Calls `onTimer` once the clock of `domain` has reached `timeMs`; once, however often it is set. */
  setTimer(domain: TimeDomain, timeMs: number): void;
  deleteTimer(domain: TimeDomain, timeMs: number): void;
  /** `timestampMs` is by default that of the record or timer that is being worked on. */
  emit(value: Out, timestampMs?: number): void;
  sideOutput<T>(tag: OutputTag<T>, value: T): void;
  /** Counts a record that came too late to have its effect. */
  countLate(): void;
}

export interface TimerFunction {
  onTimer?(timeMs: number, domain: TimeDomain): void;
}

/** A keyed operator that is a user's function over state and timers; subclasses feed it records. */
export abstract class FunctionOperator<K extends Key, Out> extends KeyedCore<K, Out> {
  /** Of the record or timer that is being worked on. */
  protected timestampMs = 0;
  protected abstract readonly timerFunction: TimerFunction;
  readonly #expiring: ExpiringCell[] = [];

  protected onTimer(timer: KeyTimer<K>): void {
    if (timer.namespace < 0 && this.#expiring.some((cell) => cell.onTimer(timer))) return;
    this.timestampMs = timer.timeMs;
    this.timerFunction.onTimer?.(timer.timeMs, timer.domain);
  }

  protected processContext(): ProcessContext<K, Out> {
    const watermarkMs = (): number => this.watermarkMs;
    const { rows, timers, context, next } = this;
    return {
      state: statesOf(this.#expiryHost(), this.#expiring),
      get key() {
        if (!rows.row) throw new Error("there is a key only while a keyed record is processed");
        return rows.row.key;
      },
      get watermarkMs() {
        return watermarkMs();
      },
      get processingTimeMs() {
        return context.processingTime.nowMs;
      },
      setTimer: (domain, timeMs) => timers.set(domain, timeMs),
      deleteTimer: (domain, timeMs) => timers.delete(domain, timeMs),
      emit: (value, timestampMs) => next.record(value, timestampMs ?? this.timestampMs),
      sideOutput: (tag, value) => context.sideOutput(tag).record(value, this.timestampMs),
      countLate: () => context.countLate(),
    };
  }

  #expiryHost(): ExpiryHost {
    const processingMs = (): number => this.context.processingTime.nowMs;
    return {
      rows: this.rows,
      timers: this.timers,
      nowMs: (domain) => (domain === "event" ? this.watermarkMs : processingMs()),
      touchedAtMs: (domain) => (domain === "event" ? this.timestampMs : processingMs()),
    };
  }
}
