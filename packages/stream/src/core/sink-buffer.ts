import type { Channel } from "./channel.ts";

/**
 * The end of a chain: gathers what a batch made, for the driver to write with one await. It is drained
 * at each barrier, so a batch never spans two checkpoints.
 */
export class SinkBuffer<T> implements Channel<T> {
  #records: T[] = [];
  isEnded = false;

  record(value: T): void {
    this.#records.push(value);
  }

  drain(): readonly T[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  watermark(): void {}

  idle(): void {}

  barrier(): void {}

  end(): void {
    this.isEnded = true;
  }
}
