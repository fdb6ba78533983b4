import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createKetama,
  createMaglev,
  createRing,
  fromJSON,
  type Locator,
  type MovedRange,
  plan,
} from "../src/index.ts";
import { ALL, keys, names } from "./all-algorithms.ts";

const EXACT = ["ring", "maglev", "ketama"];
const KEYS = keys(5_000);

function copy(locator: Locator): Locator {
  return fromJSON(structuredClone(locator.toJSON()));
}

function rangeOf(ranges: readonly MovedRange[], hash: number): MovedRange | undefined {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle]?.end as number) <= hash) low = middle + 1;
    else high = middle;
  }
  const range = ranges[low];
  return range !== undefined && range.start <= hash ? range : undefined;
}

describe.each(EXACT)("plan of %s", (name) => {
  const create = ALL[name] as (typeof ALL)[string];

  it("a key moves just as the range that its hash is in, and not when it is in none", () => {
    const change = fc.record({
      join: fc.nat(3),
      leave: fc.nat(4),
      weight: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(change, ({ join, leave, weight }) => {
        const before = create(names(6));
        const after = copy(before);
        for (let index = 0; index < join; index++) after.add(`new-${index}`);
        for (let index = 0; index < leave; index++) after.remove(`node-${index}`);
        after.setWeight("node-5", weight);
        const { exact, ranges, movedShare, moves } = plan(before, after);
        expect(exact).toBe(true);
        const wrong = KEYS.slice(0, 1_000).filter((key) => {
          const hash = before.hashOf(key) as number;
          const range = rangeOf(ranges, hash);
          const [from, to] = [before.locate(key), after.locate(key)];
          return (range?.from ?? from) !== from || (range?.to ?? from) !== to;
        });
        expect(wrong).toEqual([]);
        const length = ranges.reduce((sum, { start, end }) => sum + end - start, 0);
        expect(movedShare).toBeCloseTo(length / 2 ** 32, 12);
        expect(moves.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(movedShare, 12);
      }),
      { numRuns: 12 },
    );
  });

  it("at the ends of each range the answer changes, and ranges are in order and apart", () => {
    const before = create(names(5));
    const after = copy(before);
    after.remove("node-2");
    const ranges = plan(before, after).ranges.slice(0, 2_000);
    expect(ranges.length).toBeGreaterThan(0);
    let last = { end: -1, from: "" as string | undefined, to: "" as string | undefined };
    for (const range of ranges) {
      for (const hash of [range.start, range.end - 1]) {
        expect(before.locateHash(hash)).toBe(range.from);
        expect(after.locateHash(hash)).toBe(range.to);
      }
      expect(range.start).toBeGreaterThanOrEqual(last.end);
      if (range.start === last.end)
        expect([range.from, range.to]).not.toEqual([last.from, last.to]);
      last = range;
    }
  });
});

describe.each(Object.entries(ALL))("plan of %s", (name, create) => {
  it("a node that joins: the share of the keys that moves, from all, to it", () => {
    const before = create(names(9));
    const after = copy(before);
    after.add("new");
    const { exact, movedShare, moves, ranges } = plan(before, after);
    expect(exact).toBe(EXACT.includes(name));
    expect(ranges.length > 0).toBe(exact);
    const moved = KEYS.filter((key) => before.locate(key) !== after.locate(key)).length;
    expect(Math.abs(movedShare - moved / KEYS.length)).toBeLessThan(0.03);
    const toNew = moves.filter(({ to }) => to === "new");
    expect(toNew.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(
      after.shares().get("new") ?? 0,
      9,
    );
    expect(moves.map(({ share }) => share)).toEqual(
      moves.map(({ share }) => share).toSorted((a, b) => b - a),
    );
  });

  it("of no change, nothing; from and to an empty set, everything", () => {
    const some = create(names(3));
    expect(plan(some, copy(some))).toMatchObject({ movedShare: 0, moves: [], ranges: [] });
    const none = create([]);
    expect(plan(none, some).movedShare).toBeCloseTo(1, 9);
    expect(plan(none, some).moves.every(({ from }) => from === undefined)).toBe(true);
    expect(plan(some, none).moves.every(({ to }) => to === undefined)).toBe(true);
    expect(plan(none, copy(none)).moves).toEqual([]);
  });
});

describe("plan", () => {
  it("between different algorithms that hash keys alike", () => {
    const nodes = names(4);
    const { exact, movedShare } = plan(createRing({ nodes }), createMaglev({ nodes }));
    expect(exact).toBe(true);
    expect(movedShare).toBeGreaterThan(0.5);
  });

  it("refuses sets that hash keys differently", () => {
    const nodes = names(4);
    const others = [createRing({ nodes, seed: 1 }), createRing({ nodes, hash: "xxh32" })];
    for (const other of [...others, createKetama({ nodes })]) {
      expect(() => plan(createRing({ nodes }), other)).toThrow(
        expect.objectContaining({ code: "incompatible" }),
      );
    }
    expect(() => plan(createRing({ nodes }), {} as Locator)).toThrow(
      expect.objectContaining({ code: "incompatible" }),
    );
  });

  it("a Maglev table whose places are rounded: the first and the last hash of each place", () => {
    const maglev = createMaglev({ nodes: names(3), tableSize: 2_097_169 });
    const { ranges } = plan(createMaglev({ tableSize: 2_097_169 }), maglev);
    expect(ranges[0]?.start).toBe(0);
    expect(ranges.at(-1)?.end).toBe(2 ** 32);
    const wrong = ranges.filter(
      ({ start, end, to }) => maglev.locateHash(start) !== to || maglev.locateHash(end - 1) !== to,
    );
    expect(wrong).toEqual([]);
  });
});
