import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KeyHistory } from "../src/history/key-history.ts";
import { KeyTree } from "../src/history/key-tree.ts";

const put = { value: "", createRevision: 2, modRevision: 2, version: 1, lease: 0 };
/** Of two digits in base 16, so that some thousand draws make a tree of several levels. */
const key = fc.nat(0xffff).map((number) => number.toString(16).padStart(4, "0"));

describe("KeyTree, of several levels", () => {
  it("ranges, ranges down and counts as a sorted array does, while it grows and shrinks", () => {
    const steps = fc.array(fc.tuple(key, key, fc.nat(40)), { minLength: 50, maxLength: 100 });
    fc.assert(
      fc.property(
        fc.uniqueArray(key, { minLength: 5_000, maxLength: 9_000 }),
        steps,
        (some, all) => {
          const tree = new KeyTree();
          for (const each of some) tree.set(new KeyHistory({ ...put, key: each }));
          let keys = some.toSorted();
          for (const [from, to, max] of all) {
            for (const end of [to, "\0"]) {
              const within = keys.filter((each) => each >= from && (end === "\0" || each < end));
              expect(tree.count(from, end)).toBe(within.length);
              const up = tree.range(from, end, max + 1, ({ key: found }) => found);
              expect(up).toEqual(within.slice(0, max + 1));
              const down = tree.rangeDown(from, end, max + 1).map(({ key: found }) => found);
              expect(down).toEqual(within.toReversed().slice(0, max + 1));
            }
            const gone = new Set(keys.filter((each) => each >= from).slice(0, 200));
            for (const each of gone) tree.delete(each);
            keys = keys.filter((each) => !gone.has(each));
          }
          expect(tree.size).toBe(keys.length);
        },
      ),
      { numRuns: 5 },
    );
  });
});
