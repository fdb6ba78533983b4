import type { Channel } from "./channel.ts";
import { KeyedOperator } from "./keyed-operator.ts";
import type { OperatorContext } from "./operator-context.ts";
import type { OutputTag } from "./output-tag.ts";
import type { Key } from "./state/key-groups.ts";
import { type KeyedStates, statesOf } from "./state/states.ts";
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
}

export interface ProcessFunction<In> {
  onRecord(value: In, timestampMs: number): void;
  onTimer?(timeMs: number, domain: TimeDomain): void;
}

/** Called once a subtask, before the first record; states are declared here. */
export type ProcessFactory<K extends Key, In, Out> = (
  context: ProcessContext<K, Out>,
) => ProcessFunction<In>;

export class ProcessOperator<K extends Key, In, Out> extends KeyedOperator<K, In, Out> {
  readonly #process: ProcessFunction<In>;
  #timestampMs = 0;

  constructor(
    context: OperatorContext,
    next: Channel<Out>,
    keyOf: (value: In) => K,
    factory: ProcessFactory<K, In, Out>,
  ) {
    super(context, next, keyOf);
    this.#process = factory(this.#processContext());
    this.restore();
  }

  record(value: In, timestampMs: number): void {
    this.#timestampMs = timestampMs;
    this.rows.select(this.keyOf(value));
    this.#process.onRecord(value, timestampMs);
  }

  protected onTimer({ timeMs, domain }: KeyTimer<K>): void {
    this.#timestampMs = timeMs;
    this.#process.onTimer?.(timeMs, domain);
  }

  #processContext(): ProcessContext<K, Out> {
    const watermarkMs = (): number => this.watermarkMs;
    const { rows, timers, context, next } = this;
    return {
      state: statesOf(rows),
      get key() {
        if (!rows.row) throw new Error("there is a key only while a record or timer is processed");
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
      emit: (value, timestampMs) => next.record(value, timestampMs ?? this.#timestampMs),
      sideOutput: (tag, value) => context.sideOutput(tag).record(value, this.#timestampMs),
    };
  }
}
