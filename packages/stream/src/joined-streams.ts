import { MapOperator } from "./core/stateless.ts";
import type { Key } from "./core/state/key-groups.ts";
import { union } from "./core/union.ts";
import type { WindowAssigner } from "./core/windows/assigners.ts";
import type { WindowOf } from "./core/windows/window-operator.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { WindowedStream } from "./windowed-stream.ts";

interface KeyedInput<K, T> {
  readonly input: GraphInput;
  readonly keyOf: (value: T) => K;
}

/** A record of one of two streams. */
interface Side {
  readonly isLeft: boolean;
  readonly value: unknown;
}

/** Two keyed streams whose windows are looked at together. */
export class JoinedStreams<K extends Key, Left, Right> {
  readonly #pipeline: Pipeline;
  readonly #left: KeyedInput<K, Left>;
  readonly #right: KeyedInput<K, Right>;

  /** @internal */
  constructor(pipeline: Pipeline, left: KeyedInput<K, Left>, right: KeyedInput<K, Right>) {
    this.#pipeline = pipeline;
    this.#left = left;
    this.#right = right;
  }

  /** A session is of the records of both sides. */
  window(assigner: WindowAssigner): JoinedWindows<K, Left, Right> {
    const { keyOf: leftKey } = this.#left;
    const { keyOf: rightKey } = this.#right;
    const keyOf = ({ isLeft, value }: Side): K =>
      isLeft ? leftKey(value as Left) : rightKey(value as Right);
    const sides = [
      this.#sideOf(this.#left.input, "left", true),
      this.#sideOf(this.#right.input, "right", false),
    ];
    const both = this.#pipeline.operator<Side>("union", sides, (context, next) =>
      union(context, next, 2),
    );
    const input = { ...both.output, exchange: { by: "key" as const, keyOf } };
    return new JoinedWindows(
      new WindowedStream({ pipeline: this.#pipeline, input, keyOf, assigner }),
    );
  }

  #sideOf({ from, tag }: GraphInput, kind: string, isLeft: boolean): GraphInput {
    // By key only behind the union.
    const input: GraphInput = { from, ...(tag !== undefined && { tag }) };
    return this.#pipeline.operator<Side>(kind, [input], (_, next) => [
      new MapOperator<unknown, Side>(next, (value) => ({ isLeft, value })),
    ]).output;
  }
}

/** Windows of two streams; each method returns a new description. */
export class JoinedWindows<K extends Key, Left, Right> {
  readonly #windows: WindowedStream<K, Side>;

  /** @internal */
  constructor(windows: WindowedStream<K, Side>) {
    this.#windows = windows;
  }

  /** As that of other windows: a late record makes its window emit again, all of it. */
  allowedLateness(allowedLatenessMs: number): JoinedWindows<K, Left, Right> {
    return new JoinedWindows(this.#windows.allowedLateness(allowedLatenessMs));
  }

  /** Most elements of both sides together; one more is `window-too-large`. @default 1,000,000 */
  maxElements(maxElements: number): JoinedWindows<K, Left, Right> {
    return new JoinedWindows(this.#windows.maxElements(maxElements));
  }

  /** Each pair of a window, when it is complete: by left, then by right, in the order of arrival. */
  apply<Out>(join: (left: Left, right: Right, window: WindowOf<K>) => Out): DataStream<Out> {
    return this.coGroup<Out>((lefts, rights, window, emit) => {
      for (const left of lefts) for (const right of rights) emit(join(left, right, window));
    });
  }

  /** All elements of a window, when it is complete; one side may be empty: outer joins. */
  coGroup<Out>(
    group: (
      lefts: readonly Left[],
      rights: readonly Right[],
      window: WindowOf<K>,
      emit: (result: Out) => void,
    ) => void,
  ): DataStream<Out> {
    return this.#windows.process<Out>((elements, window, emit) => {
      const lefts: Left[] = [];
      const rights: Right[] = [];
      for (const { isLeft, value } of elements) {
        if (isLeft) lefts.push(value as Left);
        else rights.push(value as Right);
      }
      group(lefts, rights, window, emit);
    });
  }
}
