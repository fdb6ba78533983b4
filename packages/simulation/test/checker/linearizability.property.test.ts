import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkLinearizability, type Model, type Operation } from "../../src/checker/index.ts";
import { isLinearizableByBruteForce, linearizableHistory, spoilt } from "./random-history.ts";
import { CASES } from "./references.ts";

const SMALL = 7;
const LARGE = 60;

describe.each(CASES)("linearizability of a $name", ({ model, reference, input, output }) => {
  it("accepts every history in which operations took effect one after the other", () => {
    fc.assert(
      fc.property(linearizableHistory(reference, input, LARGE), (history) => {
        expect(checkLinearizability(history, model)).toMatchObject({ kind: "linearizable" });
      }),
    );
  });

  it("gives an order that keeps the order of time and that the model accepts", () => {
    fc.assert(
      fc.property(linearizableHistory(reference, input, LARGE), (history) => {
        const result = checkLinearizability(history, model);
        if (result.kind !== "linearizable") return expect.unreachable();
        const order = [...result.order.values()].flat();
        expect(new Set(order).size).toBe(order.length);
        for (const each of history) if (each.return !== null) expect(order).toContain(each);
        expectOrder(order, model);
      }),
    );
  });

  it("agrees with trying every permutation, whatever was answered", () => {
    let violations = 0;
    const histories = spoilt(linearizableHistory(reference, input, SMALL), output);
    fc.assert(
      fc.property(histories, (history) => {
        const expected = isLinearizableByBruteForce(history, model);
        if (!expected) violations++;
        const { kind } = checkLinearizability(history, model);
        expect(kind).toBe(expected ? "linearizable" : "violation");
      }),
      { numRuns: 500 },
    );
    expect(violations).toBeGreaterThan(20);
  });

  it("makes a violation small, by leaving out what cannot have brought it about", () => {
    const histories = spoilt(linearizableHistory(reference, input, SMALL), output);
    fc.assert(
      fc.property(histories, (history) => {
        const result = checkLinearizability(history, model);
        if (result.kind !== "violation") return;
        const { subHistory, longestOrder, unplaced } = result;
        expect(isLinearizableByBruteForce(subHistory, model)).toBe(false);
        expect(subHistory).toContain(unplaced);
        expect(longestOrder).not.toContain(unplaced);
        expectOrder(longestOrder, model);
        for (const [at, { input: asked, output: got }] of subHistory.entries()) {
          if (!model.readOnly?.(asked, got)) continue;
          expect(isLinearizableByBruteForce(subHistory.toSpliced(at, 1), model)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("linearizability behind many operations", () => {
  const register = CASES.filter(({ name }) => name === "register");

  it.each(register)("is decided as without them, over a word of the bit set", (object) => {
    const { model, reference, input, output } = object;
    const histories = spoilt(linearizableHistory(reference, input, SMALL), output);
    fc.assert(
      fc.property(histories, fc.integer({ min: 24, max: 34 }), (history, before) => {
        const reads = Array.from({ length: before }, (_, at): Operation<never, never> => {
          const read = { op: "read", key: "x" } as never;
          return { client: "before", input: read, call: at - 1_000, return: at - 1_000 };
        });
        const expected = isLinearizableByBruteForce(history, model);
        const { kind } = checkLinearizability([...reads, ...history], model);
        expect(kind).toBe(expected ? "linearizable" : "violation");
      }),
      { numRuns: 2_000 },
    );
  });
});

const WITH_VALUES = CASES.filter(({ model }) => "values" in model);

describe.each(WITH_VALUES)("values of a $name", ({ model, reference, input }) => {
  it("what shares a value can be left out of a linearizable history together", () => {
    const histories = linearizableHistory(reference, input, 10);
    fc.assert(
      fc.property(histories, fc.nat(9), (history, at) => {
        const values = history.map((each) => model.values?.(each.input, each.output) ?? "all");
        const chosen = values[at];
        fc.pre(!values.includes("all") && chosen !== undefined && chosen.length > 0);
        const kept = withoutConnected(history, values as unknown as unknown[][], chosen as never);
        expect(checkLinearizability(kept, model).kind).toBe("linearizable");
      }),
      { numRuns: 100 },
    );
  });
});

/** Leaves out every operation with one of `chosen`, or that shares a value with such a one. */
function withoutConnected<O>(
  history: readonly O[],
  values: readonly (readonly unknown[])[],
  chosen: readonly unknown[],
): O[] {
  const connected = new Set(chosen);
  for (let size = 0; size !== connected.size;) {
    size = connected.size;
    const touched = values.filter((some) => some.some((each) => connected.has(each)));
    for (const value of touched.flat()) connected.add(value);
  }
  return history.filter((_, at) => !values[at]?.some((each) => connected.has(each)));
}

function expectOrder(order: readonly Operation[], model: Model<never, never, never>): void {
  let state: unknown = model.initial;
  let latestCall = -Infinity;
  for (const each of order) {
    expect(each.return ?? Infinity).toBeGreaterThanOrEqual(latestCall);
    latestCall = Math.max(latestCall, each.call);
    state = model.step(state as never, each.input as never, each.output as never);
    expect(state).toBeDefined();
  }
}
