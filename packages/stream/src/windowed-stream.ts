import type { Aggregate } from "./core/aggregate.ts";
import type { OutputTag } from "./core/output-tag.ts";
import type { Key } from "./core/state/key-groups.ts";
import type { WindowAssigner } from "./core/windows/assigners.ts";
import { elementsOf, reducing, valuesOf } from "./core/windows/contents.ts";
import type { Evictor, WindowElement } from "./core/windows/evictors.ts";
import {
  eventTimeTrigger,
  neverTrigger,
  processingTimeTrigger,
  type Trigger,
} from "./core/windows/triggers.ts";
import { type WindowOf, WindowOperator, type WindowSpec } from "./core/windows/window-operator.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { StreamError } from "./stream-error.ts";

/** @internal Where windows are in a pipeline, and what is known of them. */
export interface Windowing<K, T> {
  readonly pipeline: Pipeline;
  readonly input: GraphInput;
  readonly keyOf: (value: T) => K;
  readonly assigner: WindowAssigner;
  readonly trigger?: Trigger<T>;
  readonly allowedLatenessMs?: number;
  readonly lateTag?: OutputTag<T>;
  readonly evictor?: Evictor<T>;
  readonly maxElements?: number;
}

/** Puts out any number of results of a window; `elements` are in the order in which they came. */
export type WindowFunction<K, T, Out> = (
  elements: readonly T[],
  window: WindowOf<K>,
  emit: (result: Out) => void,
) => void;

const MAX_ELEMENTS = 1_000_000;

/** Windows of each key; each method returns a new description. */
export class WindowedStream<K extends Key, T> {
  readonly #windowing: Windowing<K, T>;

  /** @internal */
  constructor(windowing: Windowing<K, T>) {
    this.#windowing = windowing;
  }

  /** @default at the window's end; of global windows: never */
  trigger(trigger: Trigger<T>): WindowedStream<K, T> {
    return this.#with({ trigger });
  }

  /** How long a complete window is kept: a late record of that time makes it emit again. */
  allowedLateness(allowedLatenessMs: number): WindowedStream<K, T> {
    if (!(allowedLatenessMs >= 0)) {
      throw new StreamError("invalid-option", `allowed lateness of ${allowedLatenessMs} ms`);
    }
    return this.#with({ allowedLatenessMs });
  }

  /** Records that come too late go to this side output of the result. */
  lateTo(lateTag: OutputTag<T>): WindowedStream<K, T> {
    return this.#with({ lateTag });
  }

  /** Drops elements when a window emits. It then keeps its elements, aggregated or not. */
  evictor(evictor: Evictor<T>): WindowedStream<K, T> {
    return this.#with({ evictor });
  }

  /**
   * Most elements that a window of a key may keep; one more fails the job with `window-too-large`.
   * Windows keep their elements for `process` and for evictors only.
   *
   * @default 1,000,000
   */
  maxElements(maxElements: number): WindowedStream<K, T> {
    if (!(maxElements >= 1)) {
      throw new StreamError("invalid-option", `maxElements must be 1 or above, not ${maxElements}`);
    }
    return this.#with({ maxElements });
  }

  aggregate<Acc, Agg>(aggregate: Aggregate<T, Acc, Agg>): DataStream<Agg>;
  aggregate<Acc, Agg, Out>(
    aggregate: Aggregate<T, Acc, Agg>,
    result: (value: Agg, window: WindowOf<K>) => Out,
  ): DataStream<Out>;
  aggregate<Acc, Agg>(
    aggregate: Aggregate<T, Acc, Agg>,
    result: (value: Agg, window: WindowOf<K>) => unknown = (value) => value,
  ): DataStream<unknown> {
    const { assigner, evictor } = this.#windowing;
    if (evictor) {
      const { create, add, result: resultOf } = aggregate;
      return this.process((elements, window, emit) => {
        emit(result(resultOf(elements.reduce((acc, value) => add(acc, value), create())), window));
      });
    }
    if (assigner.isMerging && !aggregate.merge) {
      throw new StreamError("invalid-option", "session windows need an aggregate with merge");
    }
    return this.#operator<Acc, Agg, unknown>({
      aggregate,
      result: (value, window, emit) => emit(result(value, window)),
      elements: undefined,
    });
  }

  reduce(reduce: (before: T, value: T) => T): DataStream<T>;
  reduce<Out>(
    reduce: (before: T, value: T) => T,
    result: (value: T, window: WindowOf<K>) => Out,
  ): DataStream<Out>;
  reduce(
    reduce: (before: T, value: T) => T,
    result: (value: T, window: WindowOf<K>) => T = (value) => value,
  ): DataStream<T> {
    return this.aggregate(reducing(reduce), result);
  }

  /** Keeps all elements of a window: prefer `aggregate` where that is enough. */
  process<Out>(process: WindowFunction<K, T, Out>): DataStream<Out> {
    const { evictor, maxElements = MAX_ELEMENTS } = this.#windowing;
    const elements = { maxElements, evictor };
    if (!evictor) {
      return this.#operator<T[], readonly T[], Out>({
        aggregate: valuesOf<T>(),
        result: process,
        elements,
      });
    }
    const aggregate = elementsOf<T>() as unknown as Aggregate<T, WindowElement<T>[], readonly T[]>;
    return this.#operator<WindowElement<T>[], readonly T[], Out>({
      aggregate,
      result: process,
      elements,
    });
  }

  #operator<Acc, Agg, Out>(
    spec: Pick<WindowSpec<K, T, Acc, Agg, Out>, "aggregate" | "result" | "elements">,
  ): DataStream<Out> {
    const { pipeline, input, keyOf, assigner, trigger, lateTag } = this.#windowing;
    const { allowedLatenessMs = 0 } = this.#windowing;
    const whole: WindowSpec<K, T, Acc, Agg, Out> = {
      ...spec,
      assigner,
      trigger: trigger ?? defaultTrigger(assigner),
      allowedLatenessMs,
      lateTag,
    };
    return pipeline.operator<Out>("window", [input], (context, next) => [
      new WindowOperator(context, next, keyOf, whole),
    ]);
  }

  #with(change: Partial<Windowing<K, T>>): WindowedStream<K, T> {
    return new WindowedStream({ ...this.#windowing, ...change });
  }
}

function defaultTrigger(assigner: WindowAssigner): Trigger<unknown> {
  if (assigner.assign(0)[0]?.endMs === Infinity) return neverTrigger;
  return assigner.domain === "event" ? eventTimeTrigger : processingTimeTrigger;
}
