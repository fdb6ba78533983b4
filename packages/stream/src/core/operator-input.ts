import type { Channel } from "./channel.ts";

/** What is done about an error that an operator's function threw; throws what is not to be survived. */
export type OnRecordError = (error: unknown, value: unknown, timestampMs: number) => void;

/** Before an operator: counts what comes, and catches what the operator throws at a record. */
export class OperatorInput<T> implements Channel<T> {
  /** Since the start of the subtask. */
  records = 0;
  watermarkMs: number = -Infinity;
  readonly #operator: Channel<T>;
  readonly #onError: OnRecordError;
  readonly #onTimerError: (error: unknown) => never;

  constructor(
    operator: Channel<T>,
    onError: OnRecordError,
    onTimerError: (error: unknown) => never,
  ) {
    this.#operator = operator;
    this.#onError = onError;
    this.#onTimerError = onTimerError;
  }

  record(value: T, timestampMs: number): void {
    this.records++;
    try {
      this.#operator.record(value, timestampMs);
    } catch (error) {
      this.#onError(error, value, timestampMs);
    }
  }

  watermark(ms: number): void {
    this.watermarkMs = ms;
    try {
      this.#operator.watermark(ms);
    } catch (error) {
      this.#onTimerError(error);
    }
  }

  idle(): void {
    this.#operator.idle();
  }

  barrier(checkpointId: number): void {
    this.#operator.barrier(checkpointId);
  }

  end(): void {
    this.#operator.end();
  }
}
