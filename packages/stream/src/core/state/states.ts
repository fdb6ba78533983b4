import { StreamError } from "../../stream-error.ts";
import type { Aggregate } from "../aggregate.ts";
import type { KeyedRows } from "./keyed-rows.ts";

/** One value of the current key. `undefined` is the absence of a value. */
export interface ValueState<T> {
  get(): T | undefined;
  set(value: T): void;
  clear(): void;
}

/** Values of the current key, in the order in which they were added. */
export interface ListState<T> {
  /** Not to be changed, and not to be kept beyond this call of the operator. */
  get(): readonly T[];
  add(value: T): void;
  set(values: readonly T[]): void;
  clear(): void;
}

/** A map of the current key, in the order in which its entries were first set. */
export interface MapState<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): void;
  /** Not to be changed, and not to be kept beyond this call of the operator. */
  entries(): ReadonlyMap<K, V>;
  clear(): void;
}

/** What `add` made of all values of the current key. */
export interface AggregatingState<In, Out> {
  get(): Out | undefined;
  add(value: In): void;
  clear(): void;
}

/** Declares states by name: once each, before the first record. */
export interface KeyedStates {
  value<T>(name: string): ValueState<T>;
  list<T>(name: string): ListState<T>;
  map<K, V>(name: string): MapState<K, V>;
  reducing<T>(name: string, reduce: (before: T, value: T) => T): AggregatingState<T, T>;
  aggregating<In, Acc, Out>(
    name: string,
    aggregate: Aggregate<In, Acc, Out>,
  ): AggregatingState<In, Out>;
}

/** States as slots of rows in memory. */
export function statesOf(rows: KeyedRows<unknown>): KeyedStates {
  const declare = (name: string): number => {
    if (rows.names.includes(name)) {
      throw new StreamError("invalid-option", `state ${name} is declared twice`);
    }
    return rows.declare(name);
  };
  return {
    value: (name) => valueState(rows, declare(name)),
    list: (name) => listState(rows, declare(name)),
    map: (name) => mapState(rows, declare(name)),
    reducing: <T>(name: string, reduce: (before: T, value: T) => T) =>
      aggregatingState<T, T, T>(rows, declare(name), (before, value) =>
        before === undefined ? value : reduce(before, value),
      ),
    aggregating: (name, { create, add, result }) =>
      aggregatingState(
        rows,
        declare(name),
        (before, value) => add(before === undefined ? create() : before, value),
        result,
      ),
  };
}

function valueState<T>(rows: KeyedRows<unknown>, slot: number): ValueState<T> {
  return {
    get: () => rows.row?.slots[slot] as T | undefined,
    set: (value) => rows.put(slot, value),
    clear: () => rows.put(slot, undefined),
  };
}

function listState<T>(rows: KeyedRows<unknown>, slot: number): ListState<T> {
  const list = (): T[] | undefined => rows.row?.slots[slot] as T[] | undefined;
  return {
    get: () => list() ?? [],
    add(value) {
      const values = list();
      if (!values) return rows.put(slot, [value]);
      values.push(value);
      rows.touch();
    },
    set: (values) => rows.put(slot, values.length > 0 ? [...values] : undefined),
    clear: () => rows.put(slot, undefined),
  };
}

function mapState<K, V>(rows: KeyedRows<unknown>, slot: number): MapState<K, V> {
  const map = (): Map<K, V> | undefined => rows.row?.slots[slot] as Map<K, V> | undefined;
  return {
    get: (key) => map()?.get(key),
    set(key, value) {
      const entries = map();
      if (!entries) return rows.put(slot, new Map([[key, value]]));
      entries.set(key, value);
      rows.touch();
    },
    delete(key) {
      const entries = map();
      if (!entries?.delete(key)) return;
      if (entries.size === 0) rows.put(slot, undefined);
      else rows.touch();
    },
    entries: () => map() ?? new Map<K, V>(),
    clear: () => rows.put(slot, undefined),
  };
}

function aggregatingState<In, Acc, Out>(
  rows: KeyedRows<unknown>,
  slot: number,
  add: (before: Acc | undefined, value: In) => Acc,
  result: (accumulator: Acc) => Out = (accumulator) => accumulator as unknown as Out,
): AggregatingState<In, Out> {
  const accumulator = (): Acc | undefined => rows.row?.slots[slot] as Acc | undefined;
  return {
    get() {
      const current = accumulator();
      return current === undefined ? undefined : result(current);
    },
    add: (value) => rows.put(slot, add(accumulator(), value)),
    clear: () => rows.put(slot, undefined),
  };
}
