import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeptState } from "../src/register/core/kept-state.ts";
import type { KeyState } from "../src/register/core/register-record.ts";
import { Routes } from "../src/register/core/routes.ts";

const count = fc.integer({ min: 0, max: 2 ** 40 });
const ballot = fc.record({
  round: fc.integer({ min: 1, max: 2 ** 40 }),
  node: fc.constantFrom("ada", "bob"),
  incarnation: count,
});
const value = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined });
const marks = fc.array(fc.record({ incarnation: count, sequence: count }), { maxLength: 8 });
const cell = fc.record({ value, marks, forgotten: count });
const accepted = fc.option(fc.record({ ballot, value: cell }), { nil: undefined });
const state: fc.Arbitrary<KeyState> = fc.option(fc.record({ promised: ballot, accepted }), {
  nil: undefined,
});

describe("a state that is kept in place", () => {
  it("is what was set last, whatever was there before; what was given out stays as it was", () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 20 }), (states) => {
        const kept = new KeptState(undefined);
        const given = states.map((each) => {
          kept.set(each);
          return kept.state;
        });
        expect(given).toEqual(states);
      }),
    );
  });

  it("has an outline with the same ballots, and a value exactly where the state has one", () => {
    fc.assert(
      fc.property(state, ballot, (each, other) => {
        const kept = new KeptState(each);
        const { outline } = kept;
        expect(outline?.promised).toEqual(each?.promised);
        expect(outline?.accepted?.ballot).toEqual(each?.accepted?.ballot);
        const hasValue = each?.accepted?.value.value !== undefined;
        expect(outline?.accepted?.value.value !== undefined).toBe(hasValue);
        for (const asked of [other, ...(each?.accepted ? [each.accepted.ballot] : [])]) {
          const isIt = JSON.stringify(asked) === JSON.stringify(each?.accepted?.ballot);
          expect(kept.hasAccepted(asked)).toBe(isIt);
        }
      }),
    );
  });
});

describe("what is under way, by numbers", () => {
  it("a number leads to its item until it is deleted, and to no other: as a Map", () => {
    const step = fc.record({ adds: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 31 }), fc.array(step, { maxLength: 400 }), (last, steps) => {
        const routes = new Routes<object>(last);
        const expected = new Map<number, object>();
        const numbers: number[] = [last];
        for (const { adds, which } of steps) {
          if (adds) {
            const item = {};
            const number = routes.add(item);
            expect(number).toBeGreaterThan(numbers.at(-1)!);
            numbers.push(number);
            expected.set(number, item);
          } else {
            const number = numbers[which % numbers.length]!;
            routes.delete(number);
            expected.delete(number);
          }
          expect(routes.size).toBe(expected.size);
        }
        for (const number of numbers) expect(routes.get(number)).toBe(expected.get(number));
        expect(new Set(routes.all())).toEqual(new Set(expected.values()));
      }),
    );
  });
});
