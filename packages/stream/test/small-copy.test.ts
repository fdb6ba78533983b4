import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SmallCopies } from "../src/core/state/small-copy.ts";
import { v8Codec } from "../src/v8-codec.ts";

const value = fc.anything({
  withMap: true,
  withDate: true,
  withTypedArray: true,
  withSparseArray: true,
  withBigInt: true,
});

/** All objects that a value is made of. */
function objectsOf(of: unknown, found: Set<unknown> = new Set()): Set<unknown> {
  if (typeof of !== "object" || of === null || found.has(of)) return found;
  found.add(of);
  const parts =
    of instanceof Map ? [...of].flat() : ArrayBuffer.isView(of) ? [] : Object.values(of);
  for (const part of parts) objectsOf(part, found);
  return found;
}

describe("a copy of a row that is used before it is encoded", () => {
  it("is restored as the row would be, and has no object in common; or there is none", () => {
    const copies = new SmallCopies();
    let copied = 0;
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (slots) => {
        const before = objectsOf(slots);
        const copy = copies.of(slots);
        if (!copy) return;
        copied++;
        expect(v8Codec.decode(v8Codec.encode(copy))).toStrictEqual(
          v8Codec.decode(v8Codec.encode(slots)),
        );
        for (const object of objectsOf(copy)) expect(before.has(object)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
    expect(copied).toBeGreaterThan(100);
  });

  it("is not made of what has an object twice, a class, or much in it", () => {
    const copies = new SmallCopies();
    const twice = { at: 1 };
    const list = Array.from({ length: 1_000 }, () => 1);
    const left = [[twice, twice], [new Date(0)], [list], [new Uint8Array(10_000)], [() => {}]];
    expect(left.map((slots) => copies.of(slots))).toEqual(left.map(() => undefined));
    const small = [{ at: 1, of: [1, new Map([["a", { b: 2 }]])] }, undefined, "text"];
    expect(copies.of(small)).toEqual(small);
  });
});
