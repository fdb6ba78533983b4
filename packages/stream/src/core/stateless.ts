import type { Channel } from "./channel.ts";
import { Operator } from "./operator.ts";

export class MapOperator<In, Out> extends Operator<In, Out> {
  readonly #transform: (value: In, timestampMs: number) => Out;

  constructor(next: Channel<Out>, transform: (value: In, timestampMs: number) => Out) {
    super(next);
    this.#transform = transform;
  }

  record(value: In, timestampMs: number): void {
    this.next.record(this.#transform(value, timestampMs), timestampMs);
  }
}

export class FilterOperator<T> extends Operator<T, T> {
  readonly #accepts: (value: T, timestampMs: number) => boolean;

  constructor(next: Channel<T>, accepts: (value: T, timestampMs: number) => boolean) {
    super(next);
    this.#accepts = accepts;
  }

  record(value: T, timestampMs: number): void {
    if (this.#accepts(value, timestampMs)) this.next.record(value, timestampMs);
  }
}

export class FlatMapOperator<In, Out> extends Operator<In, Out> {
  readonly #transform: (value: In, emit: (value: Out) => void) => void;
  /** One closure for all records; it reads where the record stands. */
  readonly #emit: (value: Out) => void;
  #timestampMs = 0;

  constructor(next: Channel<Out>, transform: (value: In, emit: (value: Out) => void) => void) {
    super(next);
    this.#transform = transform;
    this.#emit = (value) => this.next.record(value, this.#timestampMs);
  }

  record(value: In, timestampMs: number): void {
    this.#timestampMs = timestampMs;
    this.#transform(value, this.#emit);
  }
}
