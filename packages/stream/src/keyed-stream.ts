import type { Aggregate } from "./core/aggregate.ts";
import type { CoProcessFactory } from "./core/co-process.ts";
import { CoProcessOperator } from "./core/co-process.ts";
import { deduplicate, type DeduplicateOptions } from "./core/deduplicate.ts";
import { type Interval, intervalJoin } from "./core/joins/interval-join.ts";
import { temporalJoin, type TemporalJoinOptions } from "./core/joins/temporal-join.ts";
import { type ProcessFactory, ProcessOperator } from "./core/process.ts";
import { RollingOperator } from "./core/rolling.ts";
import type { Key } from "./core/state/key-groups.ts";
import { type Ranked, topN, type TopNOptions } from "./core/top-n.ts";
import { global, type WindowAssigner } from "./core/windows/assigners.ts";
import { countEvictor } from "./core/windows/evictors.ts";
import { countTrigger, everyCountTrigger } from "./core/windows/triggers.ts";
import { BroadcastConnectedStreams, BroadcastStream } from "./broadcast-stream.ts";
import { ConnectedKeyedStreams } from "./connected-streams.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import { JoinedStreams } from "./joined-streams.ts";
import type { Pipeline } from "./pipeline.ts";
import { StreamError } from "./stream-error.ts";
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
    return this.#process("process", factory);
  }

  /** One record of those that have a key in common: the first or the last. */
  deduplicate(options: DeduplicateOptions): DataStream<T> {
    return this.#process("deduplicate", deduplicate(options));
  }

  /** Each record that is among the best of its key when it comes. Nothing is taken back. */
  topN(options: TopNOptions<T>): DataStream<Ranked<K, T>> {
    return this.#process("topN", topN(options));
  }

  window(assigner: WindowAssigner): WindowedStream<K, T> {
    return new WindowedStream({
      pipeline: this.#pipeline,
      input: this.#input,
      keyOf: this.#keyOf,
      assigner,
    });
  }

  /**
   * Each `size` records of a key make a window; with `slide`, the last `size` of them do at each
   * `slide`th.
   */
  countWindow(size: number, slide?: number): WindowedStream<K, T> {
    const windows = this.window(global());
    if (slide === undefined) return windows.trigger(countTrigger(size));
    return windows
      .trigger(everyCountTrigger(slide))
      .evictor(countEvictor(size, { when: "before" }));
  }

  /** Two keyed streams with one state for each key; or a keyed one, and rules that all subtasks have. */
  connect<Right>(right: KeyedStream<K, Right>): ConnectedKeyedStreams<K, T, Right>;
  connect<Rule>(rules: BroadcastStream<Rule>): BroadcastConnectedStreams<K, T, Rule>;
  connect<Right>(
    right: KeyedStream<K, Right> | BroadcastStream<Right>,
  ): ConnectedKeyedStreams<K, T, Right> | BroadcastConnectedStreams<K, T, Right> {
    if (right instanceof BroadcastStream) {
      return right.connectedTo(this.#pipeline, this.#input, this.#keyOf);
    }
    return new ConnectedKeyedStreams((kind, factory) => this.#coProcess(right, kind, factory));
  }

  /** Pairs or groups of records that have the key and a window in common. */
  join<Right>(right: KeyedStream<K, Right>): JoinedStreams<K, T, Right> {
    this.#checkPipeline(right);
    return new JoinedStreams(
      this.#pipeline,
      { input: this.#input, keyOf: this.#keyOf },
      { input: right.#input, keyOf: right.#keyOf },
    );
  }

  /** All pairs with a right record from `fromMs` to `toMs` after the left one, by event time. */
  intervalJoin<Right, Out>(
    right: KeyedStream<K, Right>,
    interval: Interval,
    join: (left: T, right: Right) => Out,
  ): DataStream<Out> {
    return this.#coProcess(right, "intervalJoin", intervalJoin(interval, join));
  }

  /** Each record with the version of its key that was valid at its event time. */
  temporalJoin<Version, Out>(
    versions: KeyedStream<K, Version>,
    join: (value: T, version: Version | undefined) => Out,
    options: TemporalJoinOptions = {},
  ): DataStream<Out> {
    return this.#coProcess(versions, "temporalJoin", temporalJoin(join, options));
  }

  #process<Out>(kind: string, factory: ProcessFactory<K, T, Out>): DataStream<Out> {
    return this.#pipeline.operator<Out>(kind, [this.#input], (context, next) => [
      new ProcessOperator(context, next, this.#keyOf, factory),
    ]);
  }

  #coProcess<Right, Out>(
    right: KeyedStream<K, Right>,
    kind: string,
    factory: CoProcessFactory<K, T, Right, Out>,
  ): DataStream<Out> {
    this.#checkPipeline(right);
    const keys = { left: this.#keyOf, right: right.#keyOf };
    const inputs = [this.#input, right.#input];
    return this.#pipeline.operator<Out>(
      kind,
      inputs,
      (context, next) => new CoProcessOperator(context, next, keys, factory).inputs.channels,
    );
  }

  #checkPipeline<Right>(other: KeyedStream<K, Right>): void {
    if (other.#pipeline === this.#pipeline) return;
    throw new StreamError("invalid-graph", "a stream of another pipeline");
  }
}
