import type { Aggregate } from "../aggregate.ts";
import type { WindowElement } from "./evictors.ts";

/** A list of at most one: before the first value there is none of type T. */
export function reducing<T>(reduce: (before: T, value: T) => T): Aggregate<T, T[], T> {
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

/** All values of a window. */
export function valuesOf<T>(): Aggregate<T, T[], readonly T[]> {
  return listOf((values: T[]) => values);
}

/** All values of a window, kept with their times: for evictors. */
export function elementsOf<T>(): Aggregate<WindowElement<T>, WindowElement<T>[], readonly T[]> {
  return listOf((elements: WindowElement<T>[]) => elements.map(({ value }) => value));
}

function listOf<In, Out>(result: (values: In[]) => Out): Aggregate<In, In[], Out> {
  return {
    create: () => [],
    add(values, value) {
      values.push(value);
      return values;
    },
    result,
    merge(one, other) {
      for (const value of other) one.push(value);
      return one;
    },
  };
}
