import type { Channel } from "../channel.ts";
import type { StateCodec } from "../state/layer.ts";

/** Records and control events of one edge from one subtask to another, in their order. */
export interface ExchangeBatch {
  /** Encoded for another thread; within one, as they are. */
  readonly values: Uint8Array | readonly unknown[];
  readonly timestampsMs: Float64Array;
  /** By three: before which record (its number), which kind of event, and its time or id. */
  readonly marks: Float64Array;
}

const WATERMARK = 0;
const IDLE = 1;
const BARRIER = 2;
const END = 3;

/** Gathers a batch. */
export class BatchBuilder {
  #values: unknown[] = [];
  #timestampsMs: number[] = [];
  #marks: number[] = [];

  get isEmpty(): boolean {
    return this.#values.length === 0 && this.#marks.length === 0;
  }

  /** How many records it has then. */
  record(value: unknown, timestampMs: number): number {
    this.#timestampsMs.push(timestampMs);
    return this.#values.push(value);
  }

  watermark(ms: number): void {
    const last = this.#marks.length - 3;
    const isSamePlace = this.#marks[last] === this.#values.length;
    // Of watermarks without a record between, the last says all.
    if (isSamePlace && this.#marks[last + 1] === WATERMARK) this.#marks[last + 2] = ms;
    else this.#mark(WATERMARK, ms);
  }

  idle(): void {
    this.#mark(IDLE, 0);
  }

  barrier(checkpointId: number): void {
    this.#mark(BARRIER, checkpointId);
  }

  end(): void {
    this.#mark(END, 0);
  }

  /** What was gathered, and an empty builder. */
  take(codec: StateCodec | undefined): ExchangeBatch {
    const batch = {
      values: codec ? codec.encode(this.#values) : this.#values,
      timestampsMs: Float64Array.from(this.#timestampsMs),
      marks: Float64Array.from(this.#marks),
    };
    this.#values = [];
    this.#timestampsMs = [];
    this.#marks = [];
    return batch;
  }

  #mark(kind: number, time: number): void {
    this.#marks.push(this.#values.length, kind, time);
  }
}

/** Hands the events of a batch on, one after the other. */
export class BatchCursor {
  readonly #values: readonly unknown[];
  readonly #timestampsMs: Float64Array;
  readonly #marks: Float64Array;
  #at = 0;
  #mark = 0;

  constructor({ values, timestampsMs, marks }: ExchangeBatch, codec: StateCodec) {
    this.#values =
      values instanceof Uint8Array ? (codec.decode(values) as readonly unknown[]) : values;
    this.#timestampsMs = timestampsMs;
    this.#marks = marks;
  }

  /** Goes on until all is handed on (true) or `isHeld` says so between two events. */
  handOn(to: Channel<never>, isHeld: () => boolean): boolean {
    while (this.#at < this.#values.length || this.#mark < this.#marks.length) {
      if (isHeld()) return false;
      if (this.#marks[this.#mark] === this.#at) this.#control(to);
      else {
        const at = this.#at++;
        to.record(this.#values[at] as never, this.#timestampsMs[at] as number);
      }
    }
    return true;
  }

  #control(to: Channel<never>): void {
    const kind = this.#marks[this.#mark + 1];
    const time = this.#marks[this.#mark + 2] as number;
    this.#mark += 3;
    if (kind === WATERMARK) to.watermark(time);
    else if (kind === IDLE) to.idle();
    else if (kind === BARRIER) to.barrier(time);
    else to.end();
  }
}
