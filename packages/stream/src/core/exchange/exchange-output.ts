import type { Channel } from "../channel.ts";
import type { Brake } from "../flow.ts";
import { type Key, keyGroup, subtaskOfGroup } from "../state/key-groups.ts";
import type { StateCodec } from "../state/layer.ts";
import { BatchBuilder, type ExchangeBatch } from "./exchange-batch.ts";

/** Which subtasks have a record: the owner of its key's group, or all. */
export type Exchange =
  | { readonly by: "key"; readonly keyOf: (value: never) => Key }
  | { readonly by: "broadcast" };

export interface ExchangeOutputOptions {
  readonly exchange: Exchange;
  readonly subtask: number;
  readonly subtasks: number;
  readonly keyGroups: number;
  readonly codec: StateCodec;
  /** Records after which a batch is sent. */
  readonly batchRecords: number;
  /** Batches that may be on their way to a subtask, or wait there. */
  readonly credits: number;
  /** Holds what feeds the output. */
  readonly brake: Brake;
  readonly onBarrier: () => void;
  readonly send: (target: number, batch: ExchangeBatch) => void;
}

/**
 * The writing end of an edge between subtasks: a batch for each target, control events in each of
 * them. Without credit for some target it holds what comes; a barrier goes out all the same, so at most
 * what one event makes and a batch that ends in a barrier exceed the credits.
 */
export class ExchangeOutput implements Channel<never> {
  /** Since the start of the subtask. */
  recordsOut = 0;
  readonly #options: ExchangeOutputOptions;
  readonly #builders: readonly BatchBuilder[];
  readonly #credits: number[];
  readonly #targetOfGroup: readonly number[];

  constructor(options: ExchangeOutputOptions) {
    const { subtasks, keyGroups, credits } = options;
    this.#options = options;
    this.#builders = Array.from({ length: subtasks }, () => new BatchBuilder());
    this.#credits = this.#builders.map(() => credits);
    this.#targetOfGroup = Array.from({ length: keyGroups }, (_, group) =>
      subtaskOfGroup(group, keyGroups, subtasks),
    );
  }

  record(value: never, timestampMs: number): void {
    const { exchange, keyGroups } = this.#options;
    this.recordsOut++;
    if (exchange.by === "broadcast") {
      this.#builders.forEach((_, target) => this.#add(target, value, timestampMs));
      return;
    }
    const group = keyGroup(exchange.keyOf(value), keyGroups);
    this.#add(this.#targetOfGroup[group] as number, value, timestampMs);
  }

  watermark(ms: number): void {
    for (const builder of this.#builders) builder.watermark(ms);
  }

  idle(): void {
    for (const builder of this.#builders) builder.idle();
    this.flush();
  }

  barrier(checkpointId: number): void {
    for (const builder of this.#builders) builder.barrier(checkpointId);
    this.flush();
    this.#options.onBarrier();
  }

  end(): void {
    for (const builder of this.#builders) builder.end();
    this.flush();
  }

  /** Sends what was gathered, however little. */
  flush(): void {
    this.#builders.forEach((builder, target) => {
      if (!builder.isEmpty) this.#send(target);
    });
  }

  /** A target has handed on `batches`. */
  credit(target: number, batches: number): void {
    this.#credits[target] = (this.#credits[target] as number) + batches;
    this.#brake();
  }

  #add(target: number, value: unknown, timestampMs: number): void {
    const builder = this.#builders[target] as BatchBuilder;
    if (builder.record(value, timestampMs) >= this.#options.batchRecords) this.#send(target);
  }

  #send(target: number): void {
    const { subtask, codec, send } = this.#options;
    // To itself a subtask hands on the records as a chain would.
    const batch = (this.#builders[target] as BatchBuilder).take(
      target === subtask ? undefined : codec,
    );
    this.#credits[target] = (this.#credits[target] as number) - 1;
    this.#brake();
    send(target, batch);
  }

  #brake(): void {
    this.#options.brake.set(this.#credits.some((left) => left <= 0));
  }
}
