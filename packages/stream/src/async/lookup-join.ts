import type { Channel } from "../core/channel.ts";
import type { OperatorContext } from "../core/operator-context.ts";
import type { AsyncMapOptions } from "./async-map-options.ts";
import { AsyncMapOperator } from "./async-map.ts";
import type { CallContext } from "./attempt.ts";
import { LookupCache, type LookupCacheOptions } from "./lookup-cache.ts";

/** How records are joined with a table that is not part of the stream. */
export interface LookupJoin<T, K, Found, Out> extends Omit<AsyncMapOptions<T, Out>, "onFailure"> {
  readonly keyOf: (value: T) => K;
  /** Asked at the time of processing: after a crash it may find something else. */
  readonly lookUp: (key: K, context: CallContext) => Found | PromiseLike<Found>;
  readonly join: (value: T, found: Found) => Out;
  /** Bounded, of each subtask, not part of checkpoints. @default none */
  readonly cache?: LookupCacheOptions;
}

export function lookupJoinOperator<T, K, Found, Out>(
  context: OperatorContext,
  next: Channel<Out>,
  lookup: LookupJoin<T, K, Found, Out>,
): AsyncMapOperator<T, Out> {
  const { keyOf, lookUp, join, cache: cacheOptions = { maxEntries: 0 } } = lookup;
  const cache = new LookupCache<K, Found>(cacheOptions);
  const { processingTime } = context;
  const call = (value: T, of: CallContext): Out | PromiseLike<Out> => {
    const key = keyOf(value);
    const found = cache.get(
      key,
      processingTime.nowMs,
      () => lookUp(key, of),
      () => of.signal,
    );
    if (isPromiseLike(found)) return found.then((one) => join(value, one));
    return join(value, found);
  };
  return new AsyncMapOperator(context, next, call, lookup);
}

function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as PromiseLike<T> | undefined)?.then === "function";
}
