import fc from "fast-check";
import {
  counterModel,
  type Invocation,
  keyValueModel,
  type KeyValueInput,
  type KeyValueOutput,
  type Model,
  mutexModel,
  type MutexInput,
  type MutexOutput,
  queueModel,
  type QueueInput,
  registerModel,
  type RegisterInput,
  type Scalar,
  setModel,
  type SetInput,
  type SetOutput,
  type CounterInput,
} from "../../src/checker/index.ts";
import type { Reference } from "./random-history.ts";

/** A model, an independent implementation of the same object, and what clients may ask and get. */
export interface Case<State, ReferenceState, Input extends Invocation, Output> {
  readonly name: string;
  readonly model: Model<State, Input, Output>;
  readonly reference: Reference<ReferenceState, Input, Output>;
  readonly input: fc.Arbitrary<Input>;
  readonly output: fc.Arbitrary<Output | undefined>;
}

const key = "x";
const number = fc.integer({ min: 1, max: 3 });
const letter = fc.constantFrom("a", "b", "c");

const register: Case<Scalar, Scalar, RegisterInput, Scalar> = {
  name: "register",
  model: registerModel(0),
  reference: {
    initial: 0,
    apply: (held, input) => {
      if (input.op === "read") return [held, held];
      if (input.op === "write") return [input.value, undefined];
      return held === input.value.expected ? [input.value.update, true] : [held, false];
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constant("read" as const), key: fc.constant(key) }),
    fc.record({ op: fc.constant("write" as const), key: fc.constant(key), value: number }),
    fc.record({
      op: fc.constant("compareAndSet" as const),
      key: fc.constant(key),
      value: fc.record({ expected: fc.nat(3), update: number }),
    }),
  ),
  output: fc.constantFrom<(Scalar | undefined)[]>(0, 1, 2, 3, true, false, undefined),
};

const keyValue: Case<string | null, Map<string, string>, KeyValueInput, KeyValueOutput> = {
  name: "key-value",
  model: keyValueModel(),
  reference: {
    initial: new Map(),
    apply: (before, input) => {
      const store = new Map(before);
      const held = store.get(input.key) ?? null;
      switch (input.op) {
        case "get":
          return [store, held];
        case "put":
          return [store.set(input.key, input.value), undefined];
        case "append":
          store.set(input.key, (held ?? "") + input.value);
          return [store, store.get(input.key)];
        case "delete":
          return [store, store.delete(input.key)];
        case "compareAndSet":
          if (held !== input.value.expected) return [store, false];
          return [store.set(input.key, input.value.update), true];
      }
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constantFrom("get" as const, "delete" as const), key: fc.constant(key) }),
    fc.record({
      op: fc.constantFrom("put" as const, "put" as const, "append" as const),
      key: fc.constant(key),
      value: letter,
    }),
    fc.record({
      op: fc.constant("compareAndSet" as const),
      key: fc.constant(key),
      value: fc.record({ expected: fc.option(letter), update: letter }),
    }),
  ),
  output: fc.constantFrom<(KeyValueOutput | undefined)[]>(
    "a",
    "b",
    "ab",
    null,
    true,
    false,
    undefined,
  ),
};

const set: Case<ReadonlySet<Scalar>, readonly Scalar[], SetInput, SetOutput> = {
  name: "set",
  model: setModel(),
  reference: {
    initial: [],
    apply: (held, input) => {
      if (input.op === "read") return [held, held];
      const others = held.filter((each) => each !== input.value);
      const has = others.length < held.length;
      if (input.op === "contains") return [held, has];
      if (input.op === "add") return [[input.value, ...others], !has];
      return [others, has];
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constant("read" as const), key: fc.constant(key) }),
    fc.record({
      op: fc.constantFrom("add" as const, "add" as const, "remove" as const, "contains" as const),
      key: fc.constant(key),
      value: number,
    }),
  ),
  output: fc.constantFrom<(SetOutput | undefined)[]>(
    true,
    false,
    undefined,
    [],
    [1],
    [2, 1],
    [1, 1],
  ),
};

const queue: Case<string, readonly Scalar[], QueueInput, Scalar> = {
  name: "queue",
  model: queueModel(),
  reference: {
    initial: [],
    apply: (held, input) => {
      if (input.op === "enqueue") return [[...held, input.value], undefined];
      return [held.slice(1), held[0] ?? null];
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constant("enqueue" as const), key: fc.constant(key), value: letter }),
    fc.record({ op: fc.constant("dequeue" as const), key: fc.constant(key) }),
  ),
  output: fc.constantFrom<(Scalar | undefined)[]>("a", "b", "c", null, undefined),
};

const counter: Case<number, number, CounterInput, number> = {
  name: "counter",
  model: counterModel(),
  reference: {
    initial: 0,
    apply: (held, input) => {
      const total = input.op === "add" ? held + input.value : held;
      return [total, total];
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constant("read" as const), key: fc.constant(key) }),
    fc.record({
      op: fc.constant("add" as const),
      key: fc.constant(key),
      value: fc.constantFrom(1, 1, 1, 2, -1),
    }),
  ),
  output: fc.constantFrom(0, 1, 2, 3, undefined),
};

/** Tokens 1, 2, 3 …; 0 stands for no holder, and a client may also use a token that it made up. */
interface Lock {
  readonly holder: number;
  readonly last: number;
  readonly fence: number;
}

const mutex: Case<never, Lock, MutexInput, MutexOutput> = {
  name: "mutex",
  model: mutexModel() as unknown as Model<never, MutexInput, MutexOutput>,
  reference: {
    initial: { holder: 0, last: 0, fence: 0 },
    apply: (lock, input) => {
      switch (input.op) {
        case "acquire": {
          if (lock.holder !== 0) return [lock, null];
          return [{ ...lock, holder: lock.last + 1, last: lock.last + 1 }, lock.last + 1];
        }
        case "release":
          return lock.holder === input.value ? [{ ...lock, holder: 0 }, true] : [lock, false];
        case "use":
          return input.value < lock.fence ? [lock, false] : [{ ...lock, fence: input.value }, true];
        case "expire":
          return [lock, undefined];
      }
    },
  },
  input: fc.oneof(
    fc.record({ op: fc.constant("acquire" as const), key: fc.constant(key) }),
    fc.record({
      op: fc.constantFrom("release" as const, "release" as const, "use" as const),
      key: fc.constant(key),
      value: number,
    }),
  ),
  output: fc.constantFrom<(MutexOutput | undefined)[]>(1, 2, 3, null, true, false, undefined),
};

/** Every model with what is needed to test it; of different types, so each is opaque to the other. */
export const CASES: readonly Case<never, never, Invocation, never>[] = [
  register,
  keyValue,
  set,
  queue,
  counter,
  mutex,
] as unknown as readonly Case<never, never, Invocation, never>[];
