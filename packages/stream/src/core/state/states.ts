import { StreamError } from "../../stream-error.ts";
import type { Aggregate } from "../aggregate.ts";
import { type Cell, SlotCell } from "./cell.ts";
import { ExpiringCell, type ExpiryHost, type TimeToLive, validTimeToLive } from "./time-to-live.ts";

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

/** Declares states by name: once each, before the first record. Without a time to live, for ever. */
export interface KeyedStates {
  value<T>(name: string, ttl?: TimeToLive): ValueState<T>;
  list<T>(name: string, ttl?: TimeToLive): ListState<T>;
  map<K, V>(name: string, ttl?: TimeToLive): MapState<K, V>;
  reducing<T>(
    name: string,
    reduce: (before: T, value: T) => T,
    ttl?: TimeToLive,
  ): AggregatingState<T, T>;
  aggregating<In, Acc, Out>(
    name: string,
    aggregate: Aggregate<In, Acc, Out>,
    ttl?: TimeToLive,
  ): AggregatingState<In, Out>;
}

/** States as slots of rows in memory. Adds cells that expire to `expiring`. */
export function statesOf(host: ExpiryHost, expiring: ExpiringCell[]): KeyedStates {
  const { rows } = host;
  const slotOf = (name: string): number => {
    if (rows.names.includes(name)) {
      throw new StreamError("invalid-option", `state ${name} is declared twice`);
    }
    return rows.declare(name);
  };
  const declare = (name: string, ttl: TimeToLive | undefined): Cell => {
    const slot = slotOf(name);
    if (!ttl) return new SlotCell(rows, slot);
    const expirySlot = slotOf(`${name}: expires at`);
    const cell = new ExpiringCell(host, slot, expirySlot, validTimeToLive(name, ttl));
    expiring.push(cell);
    return cell;
  };
  return {
    value: <T>(name: string, ttl?: TimeToLive) => valueState<T>(declare(name, ttl)),
    list: <T>(name: string, ttl?: TimeToLive) => listState<T>(declare(name, ttl)),
    map: <K, V>(name: string, ttl?: TimeToLive) => mapState<K, V>(declare(name, ttl)),
    reducing: <T>(name: string, reduce: (before: T, value: T) => T, ttl?: TimeToLive) =>
      aggregatingState<T, T, T>(declare(name, ttl), (before, value) =>
        before === undefined ? value : reduce(before, value),
      ),
    aggregating: (name, { create, add, result }, ttl) =>
      aggregatingState(
        declare(name, ttl),
        (before, value) => add(before === undefined ? create() : before, value),
        result,
      ),
  };
}

function valueState<T>(cell: Cell): ValueState<T> {
  return {
    get: () => cell.get() as T | undefined,
    set: (value) => cell.put(value),
    clear: () => cell.put(undefined),
  };
}

function listState<T>(cell: Cell): ListState<T> {
  const list = (): T[] | undefined => cell.get() as T[] | undefined;
  return {
    get: () => list() ?? [],
    add(value) {
      const values = list();
      if (!values) return cell.put([value]);
      values.push(value);
      cell.touch();
    },
    set: (values) => cell.put(values.length > 0 ? [...values] : undefined),
    clear: () => cell.put(undefined),
  };
}

function mapState<K, V>(cell: Cell): MapState<K, V> {
  const map = (): Map<K, V> | undefined => cell.get() as Map<K, V> | undefined;
  return {
    get: (key) => map()?.get(key),
    set(key, value) {
      const entries = map();
      if (!entries) return cell.put(new Map([[key, value]]));
      entries.set(key, value);
      cell.touch();
    },
    delete(key) {
      const entries = map();
      if (!entries?.delete(key)) return;
      if (entries.size === 0) cell.put(undefined);
      else cell.touch();
    },
    entries: () => map() ?? new Map<K, V>(),
    clear: () => cell.put(undefined),
  };
}

function aggregatingState<In, Acc, Out>(
  cell: Cell,
  add: (before: Acc | undefined, value: In) => Acc,
  result: (accumulator: Acc) => Out = (accumulator) => accumulator as unknown as Out,
): AggregatingState<In, Out> {
  const accumulator = (): Acc | undefined => cell.get() as Acc | undefined;
  return {
    get() {
      const current = accumulator();
      return current === undefined ? undefined : result(current);
    },
    add: (value) => cell.put(add(accumulator(), value)),
    clear: () => cell.put(undefined),
  };
}
