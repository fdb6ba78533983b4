import { describe, expect, it } from "vitest";
import {
  checkLinearizability,
  counterModel,
  type CounterInput,
  type Invocation,
  type Model,
  type Operation,
  registerModel,
  type RegisterInput,
  type Scalar,
} from "../../src/checker/index.ts";
import { ConfigurationMemo } from "../../src/checker/configuration-memo.ts";
import { at } from "./recorder.ts";

/** Adds of different powers of two, all at once, and a read that no sum gives: nothing to prune. */
function explosive(adds: number, returned: number | null): Operation<CounterInput, number>[] {
  const all = Array.from({ length: adds }, (_, power) => {
    const input: CounterInput = { op: "add", key: "x", value: 2 ** power };
    return at<CounterInput, number>(`client ${power}`, 0, returned, input);
  });
  return [...all, at("reader", 1, 50, { op: "read", key: "x" }, 0.5)];
}

describe("bounds of a check", () => {
  it("undecided, and not a guess, where maxMemoryBytes is met", () => {
    const result = checkLinearizability(explosive(30, 100), counterModel(), {
      maxMemoryBytes: 1_000_000,
    });
    expect(result).toEqual({ kind: "undecided", reason: "maxMemoryBytes", partition: "x" });
  });

  it("undecided where maxSteps is met", () => {
    const result = checkLinearizability(explosive(30, null), counterModel(), { maxSteps: 10_000 });
    expect(result).toEqual({ kind: "undecided", reason: "maxSteps", partition: "x" });
  });

  it("a violation elsewhere is found all the same", () => {
    const bad = at<CounterInput, number>("ada", 0, 10, { op: "read", key: "y" }, 7);
    const result = checkLinearizability([...explosive(30, 100), bad], counterModel(), {
      maxMemoryBytes: 1_000_000,
    });
    expect(result).toMatchObject({ kind: "violation", partition: "y" });
  });

  it("equal operations of unknown outcome do not multiply", () => {
    const add: CounterInput = { op: "add", key: "x", value: 1 };
    const open = Array.from({ length: 500 }, (_, call) =>
      at<CounterInput, number>("a", call, null, add),
    );
    const read = at<CounterInput, number>("b", 1_000, 1_001, { op: "read", key: "x" }, 500.5);
    const result = checkLinearizability([...open, read], counterModel(), { maxSteps: 10_000 });
    expect(result.kind).toBe("violation");
  });

  it("reads that overlap do not multiply", () => {
    const read: RegisterInput = { op: "read", key: "x" };
    const seen = Array.from({ length: 200 }, (_, each) => {
      return at<RegisterInput, Scalar>(`reader ${each}`, 0, 100, read, each % 2);
    });
    const write = at<RegisterInput, Scalar>("writer", 0, 100, { op: "write", key: "x", value: 1 });
    const check = (...more: Operation<RegisterInput, Scalar>[]): string =>
      checkLinearizability([...seen, write, ...more], registerModel(0), { maxSteps: 2_000 }).kind;
    expect(check()).toBe("linearizable");
    expect(check(at("reader", 200, 300, read, 0))).toBe("violation");
  });

  it("operations of unknown outcome that would change nothing do not multiply", () => {
    const key = "x";
    const unmatched = Array.from({ length: 40 }, (_, each) => {
      const value = { expected: 1_000 + each, update: 1 };
      return at<RegisterInput, Scalar>("a", each, null, { op: "compareAndSet", key, value });
    });
    const read = at<RegisterInput, Scalar>("b", 100, 101, { op: "read", key }, 1);
    const result = checkLinearizability([...unmatched, read], registerModel(0), {
      maxSteps: 2_000,
    });
    expect(result.kind).toBe("violation");
  });

  it("refuses options out of their range, histories that go back in time, unknown operations", () => {
    const check = (operation: Operation, options = {}): unknown =>
      checkLinearizability(
        [operation as Operation<RegisterInput, Scalar>],
        registerModel(),
        options,
      );
    const read = at("ada", 1, 2, { op: "read", key: "x" });
    expect(() => check(read, { maxMemoryBytes: 1 })).toThrow("maxMemoryBytes");
    expect(() => check(read, { maxSteps: 0 })).toThrow("maxSteps");
    expect(() => check({ ...read, call: 3 })).toThrow("called at 3 and returns at 2");
    expect(() => check({ ...read, call: Number.NaN })).toThrow("called at NaN");
    expect(() => check(at("ada", 1, 2, { op: "pop", key: "x" }))).toThrow(
      expect.objectContaining({ code: "unknown-operation" }),
    );
  });

  it("catches a model that says of a write that it is read-only", () => {
    const model: Model<number, Invocation, number> = {
      name: "wrong",
      initial: 0,
      step: (state) => state + 1,
      stateKey: (state) => state,
      readOnly: () => true,
    };
    expect(() => checkLinearizability([at("ada", 1, 2, { op: "read", key: "x" })], model)).toThrow(
      expect.objectContaining({ code: "invalid-model" }),
    );
  });

  it("operations of one partition are about one object", () => {
    const model = { ...registerModel(), partition: () => "" };
    const history: Operation<RegisterInput, Scalar>[] = [
      at("ada", 0, 10, { op: "write", key: "x", value: 1 }),
      at("bob", 20, 30, { op: "read", key: "y" }, 1),
    ];
    expect(checkLinearizability(history, model).kind).toBe("linearizable");
    expect(checkLinearizability(history, registerModel())).toMatchObject({ partition: "y" });
  });

  it("an empty history, and one in which nothing returned, are linearizable", () => {
    expect(checkLinearizability([], registerModel()).kind).toBe("linearizable");
    const open = at<RegisterInput, Scalar>("a", 0, null, { op: "write", key: "x", value: 1 });
    expect(checkLinearizability([open], registerModel())).toEqual({
      kind: "linearizable",
      order: new Map([["x", []]]),
    });
  });
});

describe("ConfigurationMemo", () => {
  it("tells configurations apart by state, words, and where the words begin", () => {
    const memo = new ConfigurationMemo(1_000_000);
    const words = Int32Array.of(5, 0, 5);
    const none = new Int32Array(0);
    expect(memo.add(1, words, 0, 0, none)).toBe(true);
    expect(memo.add(1, words, 0, 0, none)).toBe(false);
    expect(memo.add(2, words, 0, 0, none)).toBe(true);
    expect(memo.add(1, words, 2, 2, none)).toBe(true);
    expect(memo.add(1, words, 0, 0, Int32Array.of(0))).toBe(true);
    memo.clear();
    expect(memo.add(1, words, 0, 0, none)).toBe(true);
  });

  it("agrees with a set of strings, through every enlargement", () => {
    const memo = new ConfigurationMemo(100_000_000);
    const known = new Set<string>();
    const open = new Int32Array(1);
    for (let each = 0; each < 20_000; each++) {
      const words = Int32Array.of(each % 97, each % 101, (each * 7) % 5);
      const key = `${each % 3} ${words.join(" ")}`;
      if (memo.add(each % 3, words, 0, 2, open) === known.has(key)) expect.unreachable(key);
      known.add(key);
    }
    expect(known.size).toBeGreaterThan(10_000);
    expect(memo.full).toBe(false);
  });
});
