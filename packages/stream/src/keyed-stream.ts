import type { Aggregate } from "./core/aggregate.ts";
import { type ProcessFactory, ProcessOperator } from "./core/process.ts";
import { RollingOperator } from "./core/rolling.ts";
import type { Key } from "./core/state/key-groups.ts";
import { global, type WindowAssigner } from "./core/windows/assigners.ts";
import { countTrigger } from "./core/windows/triggers.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { WindowedStream } from "./windowed-stream.ts";

/** Records by key: what follows has state for each key. */
export class KeyedStream<K extends Key, T> {
  readonly #pipeline: Pipeline;
  readonly #input: GraphInput;
  readonly #keyOf: (value: T) => K;

  /** @internal */
  constructor(pipeline: Pipeline, input: GraphInput, keyOf: (value: T) => K) {
    this.#pipeline = pipeline;
    this.#input = input;
    this.#keyOf = keyOf;
  }

  /** For each record what `reduce` made of all values of its key; the first one as it is. */
  reduce(reduce: (before: T, value: T) => T): DataStream<T> {
    return this.#pipeline.operator<T>("reduce", [this.#input], (context, next) => [
      new RollingOperator(context, next, this.#keyOf, {
        add: (before: T | undefined, value: T) =>
          before === undefined ? value : reduce(before, value),
        result: (accumulator: T) => accumulator,
      }),
    ]);
  }

  /** For each record the result of all values of its key. */
  aggregate<Acc, Agg>(aggregate: Aggregate<T, Acc, Agg>): DataStream<Agg>;
  aggregate<Acc, Agg, Out>(
    aggregate: Aggregate<T, Acc, Agg>,
    result: (value: Agg, key: K) => Out,
  ): DataStream<Out>;
  aggregate<Acc, Agg>(
    { create, add, result }: Aggregate<T, Acc, Agg>,
    withKey: (value: Agg, key: K) => unknown = (value) => value,
  ): DataStream<unknown> {
    return this.#pipeline.operator<unknown>("aggregate", [this.#input], (context, next) => [
      new RollingOperator(context, next, this.#keyOf, {
        add: (before: Acc | undefined, value: T) => add(before ?? create(), value),
        result: (accumulator: Acc, key: K) => withKey(result(accumulator), key),
      }),
    ]);
  }

  /** State and timers by hand. */
  process<Out>(factory: ProcessFactory<K, T, Out>): DataStream<Out> {
    return this.#pipeline.operator<Out>("process", [this.#input], (context, next) => [
      new ProcessOperator(context, next, this.#keyOf, factory),
    ]);
  }

  window(assigner: WindowAssigner): WindowedStream<K, T> {
    return new WindowedStream(this.#pipeline, this.#input, this.#keyOf, { assigner });
  }

  /** Each `count` records of a key make a window. */
  countWindow(count: number): WindowedStream<K, T> {
    return this.window(global()).trigger(countTrigger(count));
  }
}
