import {
  type BroadcastProcessFactory,
  BroadcastProcessOperator,
} from "./core/broadcast-process.ts";
import type { Key } from "./core/state/key-groups.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { StreamError } from "./stream-error.ts";

/** Records that all subtasks of a reader are given: rules, settings. */
export class BroadcastStream<Rule> {
  readonly #pipeline: Pipeline;
  readonly #input: GraphInput;
  declare protected readonly rule?: Rule;

  /** @internal */
  constructor(pipeline: Pipeline, output: GraphInput) {
    this.#pipeline = pipeline;
    this.#input = { ...output, exchange: { by: "broadcast" } };
  }

  /** @internal */
  connectedTo<K extends Key, T>(
    pipeline: Pipeline,
    input: GraphInput,
    keyOf: (value: T) => K,
  ): BroadcastConnectedStreams<K, T, Rule> {
    if (pipeline !== this.#pipeline) {
      throw new StreamError("invalid-graph", "a stream of another pipeline");
    }
    return new BroadcastConnectedStreams(pipeline, [input, this.#input], keyOf);
  }
}

/** A keyed stream, and one that all its subtasks are given. */
export class BroadcastConnectedStreams<K extends Key, T, Rule> {
  readonly #pipeline: Pipeline;
  readonly #inputs: readonly GraphInput[];
  readonly #keyOf: (value: T) => K;

  /** @internal */
  constructor(pipeline: Pipeline, inputs: readonly GraphInput[], keyOf: (value: T) => K) {
    this.#pipeline = pipeline;
    this.#inputs = inputs;
    this.#keyOf = keyOf;
  }

  /** Keyed records read the broadcast state, broadcast records write it. */
  process<StateKey, StateValue, Out>(
    factory: BroadcastProcessFactory<K, T, Rule, StateKey, StateValue, Out>,
  ): DataStream<Out> {
    return this.#pipeline.operator<Out>(
      "broadcastProcess",
      this.#inputs,
      (context, next) =>
        new BroadcastProcessOperator(context, next, this.#keyOf, factory).inputs.channels,
    );
  }
}
