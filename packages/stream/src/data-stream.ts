import type { AsyncCall, AsyncMapOptions } from "./async/async-map-options.ts";
import { validated } from "./async/async-map-options.ts";
import { AsyncMapOperator } from "./async/async-map.ts";
import { type LookupJoin, lookupJoinOperator } from "./async/lookup-join.ts";
import { BroadcastStream } from "./broadcast-stream.ts";
import { ConnectedStreams } from "./connected-streams.ts";
import type { ErrorPolicy } from "./core/record-place.ts";
import type { OutputTag } from "./core/output-tag.ts";
import { FilterOperator, FlatMapOperator, MapOperator } from "./core/stateless.ts";
import type { StateMigration } from "./core/state/migrations.ts";
import type { Key } from "./core/state/key-groups.ts";
import { union } from "./core/union.ts";
import type { Sink } from "./connector.ts";
import type { GraphInput } from "./graph.ts";
import { KeyedStream } from "./keyed-stream.ts";
import type { Pipeline } from "./pipeline.ts";
import { StreamError } from "./stream-error.ts";

/** The records of one operator's output. Functions given to operators are pure unless they say so. */
export class DataStream<T> {
  readonly #pipeline: Pipeline;
  readonly #output: GraphInput;

  /** @internal */
  constructor(pipeline: Pipeline, output: GraphInput) {
    this.#pipeline = pipeline;
    this.#output = output;
  }

  /** @internal */
  get output(): GraphInput {
    return this.#output;
  }

  map<Out>(transform: (value: T, timestampMs: number) => Out): DataStream<Out> {
    return this.#pipeline.operator<Out>("map", [this.#output], (_, next) => [
      new MapOperator(next, transform),
    ]);
  }

  filter<Only extends T>(
    accepts: (value: T, timestampMs: number) => value is Only,
  ): DataStream<Only>;
  filter(accepts: (value: T, timestampMs: number) => boolean): DataStream<T>;
  filter(accepts: (value: T, timestampMs: number) => boolean): DataStream<T> {
    return this.#pipeline.operator<T>("filter", [this.#output], (_, next) => [
      new FilterOperator(next, accepts),
    ]);
  }

  /** Any number of records for each: those that `emit` is called with, before `transform` returns. */
  flatMap<Out>(transform: (value: T, emit: (value: Out) => void) => void): DataStream<Out> {
    return this.#pipeline.operator<Out>("flatMap", [this.#output], (_, next) => [
      new FlatMapOperator(next, transform),
    ]);
  }

  /** All records of these streams; of each stream in its order. */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    if (others.some((other) => other.#pipeline !== this.#pipeline)) {
      throw new StreamError("invalid-graph", "a stream of another pipeline");
    }
    const inputs = [this.#output, ...others.map((other) => other.#output)];
    return this.#pipeline.operator<T>("union", inputs, (context, next) =>
      union(context, next, inputs.length),
    );
  }

  /** For two streams of different types. */
  connect<Right>(right: DataStream<Right>): ConnectedStreams<T, Right> {
    return new ConnectedStreams(this, right);
  }

  /** For `KeyedStream.connect`: all its subtasks are given these records. */
  broadcast(): BroadcastStream<T> {
    return new BroadcastStream(this.#pipeline, this.#output);
  }

  /** One record of each, by a call that returns a promise: some are in flight at a time. */
  asyncMap<Out>(call: AsyncCall<T, Out>, options: AsyncMapOptions<T, Out> = {}): DataStream<Out> {
    validated(options);
    return this.#pipeline.operator<Out>("asyncMap", [this.#output], (context, next) => [
      new AsyncMapOperator(context, next, call, options),
    ]);
  }

  /** Each record with what `lookUp` finds by its key, now and outside of the stream. */
  lookupJoin<K, Found, Out>(lookup: LookupJoin<T, K, Found, Out>): DataStream<Out> {
    return this.#pipeline.operator<Out>("lookupJoin", [this.#output], (context, next) => [
      lookupJoinOperator(context, next, lookup),
    ]);
  }

  /** Records of one key are worked on in their order; those of others may be elsewhere. */
  keyBy<K extends Key>(keyOf: (value: T) => K): KeyedStream<K, T> {
    return new KeyedStream(
      this.#pipeline,
      { ...this.#output, exchange: { by: "key", keyOf } },
      keyOf,
    );
  }

  /** What the operator of this stream puts out under a tag. */
  sideOutput<Side>({ name }: OutputTag<Side>): DataStream<Side> {
    return new DataStream(this.#pipeline, { from: this.#output.from, tag: name });
  }

  /** Names the operator of this stream: what checkpoints and `explain` know it by. */
  named(id: string): this {
    this.#pipeline.rename(this.#output.from, id);
    return this;
  }

  /** What becomes of records that the operator of this stream fails on. @default that of the run */
  onError(policy: ErrorPolicy): this {
    this.#pipeline.setErrorPolicy(this.#output.from, policy);
    return this;
  }

  /**
   * The values of a state of the operator of this stream have another form than in versions before:
   * what checkpoints and savepoints hold of those is migrated when it is restored.
   */
  migrateState(state: string, migration: StateMigration): this {
    this.#pipeline.addMigration(this.#output.from, state, migration);
    return this;
  }

  /** `id` is that of the sink: open transactions are found by it after a crash. */
  to(sink: Sink<T>, id: string): Pipeline {
    this.#pipeline.sink(this.#output, sink, id);
    return this.#pipeline;
  }
}
