import type { CoProcessFactory } from "./core/co-process.ts";
import type { Key } from "./core/state/key-groups.ts";
import type { DataStream } from "./data-stream.ts";

/** Two streams of different types, without state: each record is worked on by itself. */
export class ConnectedStreams<Left, Right> {
  readonly #left: DataStream<Left>;
  readonly #right: DataStream<Right>;

  /** @internal */
  constructor(left: DataStream<Left>, right: DataStream<Right>) {
    this.#left = left;
    this.#right = right;
  }

  map<Out>(
    left: (value: Left, timestampMs: number) => Out,
    right: (value: Right, timestampMs: number) => Out,
  ): DataStream<Out> {
    return this.#left.map(left).union(this.#right.map(right));
  }

  flatMap<Out>(
    left: (value: Left, emit: (value: Out) => void) => void,
    right: (value: Right, emit: (value: Out) => void) => void,
  ): DataStream<Out> {
    return this.#left.flatMap(left).union(this.#right.flatMap(right));
  }
}

/** Two streams of different types that have state and timers of each key in common. */
export class ConnectedKeyedStreams<K extends Key, Left, Right> {
  readonly #operator: <Out>(
    kind: string,
    factory: CoProcessFactory<K, Left, Right, Out>,
  ) => DataStream<Out>;

  /** @internal */
  constructor(
    operator: <Out>(
      kind: string,
      factory: CoProcessFactory<K, Left, Right, Out>,
    ) => DataStream<Out>,
  ) {
    this.#operator = operator;
  }

  process<Out>(factory: CoProcessFactory<K, Left, Right, Out>): DataStream<Out> {
    return this.#operator("coProcess", factory);
  }
}
