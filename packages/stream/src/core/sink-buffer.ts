import type { Channel } from "./channel.ts";
import type { Brake } from "./flow.ts";

/**
 * The end of a chain: gathers what was made, for the driver to write with one await. From `maxRecords`
 * on, and from a barrier until its transaction is prepared, it holds what comes: so sinks bound what is
 * read, and no transaction spans two checkpoints. What one record makes is never cut.
 */
export class SinkBuffer<T> implements Channel<T> {
  /** Since the start of the subtask. */
  records = 0;
  watermarkMs: number = -Infinity;
  /** Of the barrier whose transaction is to be prepared, after all that is in the buffer. */
  barrierId: number | undefined;
  readonly #maxRecords: number;
  readonly #brake: Brake;
  readonly #onBarrier: () => void;
  #records: T[] = [];

  constructor(maxRecords: number, brake: Brake, onBarrier: () => void) {
    this.#maxRecords = maxRecords;
    this.#brake = brake;
    this.#onBarrier = onBarrier;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  record(value: T): void {
    if (this.#records.push(value) >= this.#maxRecords) this.#brake.set(true);
  }

  drain(): readonly T[] {
    const records = this.#records;
    if (records.length === 0) return records;
    this.#records = [];
    this.records += records.length;
    this.#brake.set(this.barrierId !== undefined);
    return records;
  }

  /** The transaction is prepared: what comes now is of the next one. */
  prepared(): void {
    this.barrierId = undefined;
    this.#brake.set(false);
  }

  watermark(ms: number): void {
    this.watermarkMs = ms;
  }

  idle(): void {}

  barrier(checkpointId: number): void {
    this.barrierId = checkpointId;
    this.#brake.set(true);
    this.#onBarrier();
  }

  end(): void {}
}
