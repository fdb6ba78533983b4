import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RangeIndex } from "../src/watch/range-index.ts";

const key = fc.nat(200).map((number) => number.toString(36).padStart(2, "0"));
const range = fc.record({ key, rangeEnd: fc.oneof(key, fc.constant("\0")) });

describe("RangeIndex", () => {
  it("finds exactly the ranges that a key is in, as a search through all of them does", () => {
    const steps = fc.array(
      fc.record({
        add: fc.array(range, { maxLength: 40 }),
        remove: fc.array(fc.nat(), { maxLength: 20 }),
        at: key,
      }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(steps, (all) => {
        const index = new RangeIndex<{ readonly key: string; readonly rangeEnd: string }>();
        const ranges: { readonly key: string; readonly rangeEnd: string }[] = [];
        for (const { add, remove, at } of all) {
          for (const each of add) {
            index.add(each);
            ranges.push(each);
          }
          for (const each of remove) {
            const [gone] = ranges.splice(each % (ranges.length || 1), 1);
            if (gone) index.delete(gone);
          }
          const found = new Set<object>();
          index.at(at, (each) => found.add(each));
          const expected = ranges.filter(
            (each) => at >= each.key && (each.rangeEnd === "\0" || at < each.rangeEnd),
          );
          expect(found).toEqual(new Set(expected));
        }
      }),
      { numRuns: 500 },
    );
  });
});
