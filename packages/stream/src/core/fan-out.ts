import type { Channel } from "./channel.ts";

/**
 * Several readers of one output, called in the order of the graph. `controlled` hear of watermarks,
 * barriers and the end without the records: the readers of the same operator's side outputs.
 */
class FanOut<T> implements Channel<T> {
  readonly #readers: readonly Channel<T>[];
  readonly #all: readonly Channel<never>[];

  constructor(readers: readonly Channel<T>[], controlled: readonly Channel<never>[]) {
    this.#readers = readers;
    this.#all = [...readers, ...controlled];
  }

  record(value: T, timestampMs: number): void {
    for (const reader of this.#readers) reader.record(value, timestampMs);
  }

  watermark(ms: number): void {
    for (const reader of this.#all) reader.watermark(ms);
  }

  idle(): void {
    for (const reader of this.#all) reader.idle();
  }

  barrier(checkpointId: number): void {
    for (const reader of this.#all) reader.barrier(checkpointId);
  }

  end(): void {
    for (const reader of this.#all) reader.end();
  }
}

/** One channel to all `readers`: the reader itself when it is alone. */
export function fanOut<T>(
  readers: readonly Channel<T>[],
  controlled: readonly Channel<never>[] = [],
): Channel<T> {
  const [only] = readers;
  if (only && readers.length === 1 && controlled.length === 0) return only;
  return new FanOut(readers, controlled);
}
