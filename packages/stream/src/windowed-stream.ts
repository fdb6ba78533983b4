import type { Aggregate } from "./core/aggregate.ts";
import type { OutputTag } from "./core/output-tag.ts";
import type { Key } from "./core/state/key-groups.ts";
import type { WindowAssigner } from "./core/windows/assigners.ts";
import {
  eventTimeTrigger,
  neverTrigger,
  processingTimeTrigger,
  type Trigger,
} from "./core/windows/triggers.ts";
import { type WindowOf, WindowOperator } from "./core/windows/window-operator.ts";
import type { DataStream } from "./data-stream.ts";
import type { GraphInput } from "./graph.ts";
import type { Pipeline } from "./pipeline.ts";
import { StreamError } from "./stream-error.ts";

interface Windowing<T> {
  readonly assigner: WindowAssigner;
  readonly trigger?: Trigger<T>;
  readonly allowedLatenessMs?: number;
  readonly lateTag?: OutputTag<T>;
}

/** Windows of each key; each method returns a new description. */
export class WindowedStream<K extends Key, T> {
  readonly #pipeline: Pipeline;
  readonly #input: GraphInput;
  readonly #keyOf: (value: T) => K;
  readonly #windowing: Windowing<T>;

  /** @internal */
  constructor(
    pipeline: Pipeline,
    input: GraphInput,
    keyOf: (value: T) => K,
    windowing: Windowing<T>,
  ) {
    this.#pipeline = pipeline;
    this.#input = input;
    this.#keyOf = keyOf;
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

  aggregate<Acc, Agg>(aggregate: Aggregate<T, Acc, Agg>): DataStream<Agg>;
  aggregate<Acc, Agg, Out>(
    aggregate: Aggregate<T, Acc, Agg>,
    result: (value: Agg, window: WindowOf<K>) => Out,
  ): DataStream<Out>;
  aggregate<Acc, Agg>(
    aggregate: Aggregate<T, Acc, Agg>,
    result: (value: Agg, window: WindowOf<K>) => unknown = (value) => value,
  ): DataStream<unknown> {
    const { assigner, trigger, allowedLatenessMs = 0, lateTag } = this.#windowing;
    if (assigner.isMerging && !aggregate.merge) {
      throw new StreamError("invalid-option", "session windows need an aggregate with merge");
    }
    const spec = {
      assigner,
      trigger: trigger ?? defaultTrigger(assigner),
      aggregate,
      result,
      allowedLatenessMs,
      lateTag,
    };
    return this.#pipeline.operator<unknown>("window", [this.#input], (context, next) => [
      new WindowOperator(context, next, this.#keyOf, spec),
    ]);
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

  #with(change: Partial<Windowing<T>>): WindowedStream<K, T> {
    const windowing = { ...this.#windowing, ...change };
    return new WindowedStream(this.#pipeline, this.#input, this.#keyOf, windowing);
  }
}

function defaultTrigger(assigner: WindowAssigner): Trigger<unknown> {
  if (assigner.assign(0)[0]?.endMs === Infinity) return neverTrigger;
  return assigner.domain === "event" ? eventTimeTrigger : processingTimeTrigger;
}

/** A list of at most one: before the first value there is none of type T. */
function reducing<T>(reduce: (before: T, value: T) => T): Aggregate<T, T[], T> {
  const fold = (into: T[], value: T): T[] => {
    into[0] = into.length === 0 ? value : reduce(into[0] as T, value);
    return into;
  };
  return {
    create: () => [],
    add: fold,
    result: ([value]) => value as T,
    merge: (one, other) => fold(one, other[0] as T),
  };
}
