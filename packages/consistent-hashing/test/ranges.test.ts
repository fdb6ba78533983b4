import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createRangeMap,
  type KeyRange,
  type RangeKey,
  type RangeMap,
  rangeMapFromJSON,
  type RangeMapState,
} from "../src/ranges/index.ts";

const code = (expected: string): unknown =>
  expect.objectContaining({ name: "ConsistentHashingError", code: expected });

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString("hex");
}

interface NaiveRange {
  start: string;
  node: string;
  epoch: number;
}

/**
 * A range map as a plain array, by linear search. Keys are hexadecimal: their order is the bytes'.
 */
class NaiveRangeMap {
  ranges: NaiveRange[] = [{ start: "", node: "n0", epoch: 1 }];

  at(key: string): number {
    return this.ranges.findLastIndex(({ start }) => start <= key);
  }

  split(key: string): boolean {
    const index = this.at(key);
    const range = this.ranges[index] as NaiveRange;
    if (range.start === key) return false;
    range.epoch++;
    this.ranges.splice(index + 1, 0, { ...range, start: key });
    return true;
  }

  merge(key: string): boolean {
    const index = this.ranges.findIndex(({ start }) => start === key);
    const [left, right] = [this.ranges[index - 1], this.ranges[index]];
    if (left === undefined || right === undefined || left.node !== right.node) return false;
    left.epoch = Math.max(left.epoch, right.epoch) + 1;
    this.ranges.splice(index, 1);
    return true;
  }

  move(key: string, node: string): void {
    const range = this.ranges[this.at(key)] as NaiveRange;
    range.node = node;
    range.epoch++;
  }
}

function plain(ranges: Iterable<KeyRange>): NaiveRange[] {
  return Array.from(ranges, ({ start, node, epoch }) => ({ start: hex(start), node, epoch }));
}

function succeeds(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

const keys = fc.uint8Array({ maxLength: 3, max: 5 });
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom("split" as const, "split" as const, "merge" as const, "move" as const),
    key: keys,
    node: fc.constantFrom("n0", "n1", "n2"),
  }),
  { maxLength: 120 },
);

function apply(map: RangeMap, naive: NaiveRangeMap, list: readonly Step[]): void {
  for (const { kind, key, node } of list) {
    if (kind === "split") expect(succeeds(() => map.split(key))).toBe(naive.split(hex(key)));
    else if (kind === "merge") expect(succeeds(() => map.merge(key))).toBe(naive.merge(hex(key)));
    else {
      map.move(key, node);
      naive.move(hex(key), node);
    }
  }
}

interface Step {
  readonly kind: "split" | "merge" | "move";
  readonly key: Uint8Array;
  readonly node: string;
}

describe("range map, against an array", () => {
  it("after any splits, merges and moves: the same ranges, nodes and epochs", () => {
    fc.assert(
      fc.property(steps, fc.array(keys, { minLength: 1, maxLength: 10 }), (list, probes) => {
        const map = createRangeMap("n0");
        const naive = new NaiveRangeMap();
        apply(map, naive, list);
        expect(plain(map)).toEqual(naive.ranges);
        expect(map.size).toBe(naive.ranges.length);
        for (const probe of probes) {
          const expected = naive.ranges[naive.at(hex(probe))];
          expect(map.locate(probe)).toBe(expected?.node);
          expect(hex(map.rangeOf(probe).start)).toBe(expected?.start);
        }
        expect(plain(map.rangesOf("n1"))).toEqual(naive.ranges.filter(({ node }) => node === "n1"));
      }),
      { numRuns: 300 },
    );
  });

  it("every key is in exactly one range: each ends where the next one begins", () => {
    fc.assert(
      fc.property(steps, (list) => {
        const map = createRangeMap("n0");
        apply(map, new NaiveRangeMap(), list);
        const ranges = [...map];
        expect(ranges[0]?.start).toEqual(new Uint8Array());
        expect(ranges.at(-1)?.end).toBeUndefined();
        for (const [index, range] of ranges.slice(0, -1).entries()) {
          expect(range.end).toEqual(ranges[index + 1]?.start);
        }
      }),
    );
  });

  it("scan: the ranges that have keys from one up to another", () => {
    fc.assert(
      fc.property(steps, keys, fc.option(keys, { nil: undefined }), (list, from, to) => {
        const map = createRangeMap("n0");
        const naive = new NaiveRangeMap();
        apply(map, naive, list);
        const [low, high] = [hex(from), to === undefined ? undefined : hex(to)];
        const expected = naive.ranges.filter(({ start }, index) => {
          const end = naive.ranges[index + 1]?.start;
          const overlaps = (end === undefined || low < end) && (high === undefined || start < high);
          return overlaps && (high === undefined || low < high);
        });
        expect(plain(map.scan(from, to))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("toJSON and fromJSON: the same map, also for further changes", () => {
    fc.assert(
      fc.property(steps, steps, (past, future) => {
        const map = createRangeMap("n0");
        const naive = new NaiveRangeMap();
        apply(map, naive, past);
        const restored = rangeMapFromJSON(JSON.parse(JSON.stringify(map)) as RangeMapState);
        expect([...restored]).toEqual([...map]);
        apply(restored, naive, future);
        expect(plain(restored)).toEqual(naive.ranges);
      }),
    );
  });

  it("thousands of ranges, so that leaves are cut and vanish", () => {
    const map = createRangeMap("n0");
    const naive = new NaiveRangeMap();
    const key = (index: number): Uint8Array => Uint8Array.of(index >>> 8, index & 255);
    const order = Array.from({ length: 3_000 }, (_, index) => (index * 1_877) % 3_000);
    for (const index of order) expect(succeeds(() => map.split(key(index + 1)))).toBe(true);
    for (const index of order) naive.split(hex(key(index + 1)));
    expect(plain(map)).toEqual(naive.ranges);
    for (let index = 0; index < 3_000; index++)
      expect(map.rangeOf(key(index + 1)).start).toEqual(key(index + 1));
    for (const index of order.slice(0, 2_700)) map.merge(key(index + 1));
    expect(map.size).toBe(301);
    for (const index of order.slice(2_700)) map.merge(key(index + 1));
    expect(map.size).toBe(1);
    expect(map.rangeOf("any")).toMatchObject({ end: undefined, node: "n0" });
  });
});

describe("range map", () => {
  it("strings are their UTF-8 bytes: ordered by code points, not by UTF-16", () => {
    const map = createRangeMap("low");
    map.split("\uffff");
    map.move("\uffff", "high");
    // In UTF-16 the surrogates of U+1F600 come before U+FFFF.
    expect(map.locate("😀")).toBe("high");
    expect(map.locate("z")).toBe("low");
    expect(map.locate(new TextEncoder().encode("😀"))).toBe("high");
  });

  it("a key that is changed after a split changes nothing", () => {
    const map = createRangeMap("a");
    const key = Uint8Array.of(5);
    map.split(key);
    key[0] = 1;
    expect(hex(map.rangeOf(Uint8Array.of(7)).start)).toBe("05");
  });

  it("a change during a scan is seen from where the scan is", () => {
    const map = createRangeMap("a");
    map.split("m");
    const seen: string[] = [];
    for (const { start } of map) {
      seen.push(new TextDecoder().decode(start));
      if (seen.length === 1) {
        map.split("c");
        map.split("t");
      }
    }
    expect(seen).toEqual(["", "m", "t"]);
  });

  it("epochs: a change that names a stale one is refused, and changes nothing", () => {
    const map = createRangeMap("a");
    const [left, right] = map.split("m", { epoch: 1 });
    expect([left.epoch, right.epoch]).toEqual([2, 2]);
    expect(map.move("x", "b", { epoch: 2 }).epoch).toBe(3);
    expect(map.move("x", "a", { epoch: 3 }).epoch).toBe(4);
    const before = JSON.stringify(map);
    expect(() => map.split("x", { epoch: 2 })).toThrow(code("stale-epoch"));
    expect(() => map.move("x", "b", { epoch: 2 })).toThrow(code("stale-epoch"));
    expect(() => map.merge("m", { epoch: 2 })).toThrow(code("stale-epoch"));
    expect(JSON.stringify(map)).toBe(before);
    expect(map.merge("m", { epoch: 4 }).epoch).toBe(5);
  });

  it("refuses what cannot be split or merged", () => {
    const map = createRangeMap("a");
    expect(() => map.split("")).toThrow(code("invalid-option"));
    map.split("m");
    expect(() => map.split("m")).toThrow(code("invalid-option"));
    expect(() => map.merge("")).toThrow(code("no-boundary"));
    expect(() => map.merge("x")).toThrow(code("no-boundary"));
    map.move("x", "b");
    expect(() => map.merge("m")).toThrow(code("different-nodes"));
    expect(map.size).toBe(2);
  });

  it.each([[5], [5n], [null], [undefined], [{}]])("refuses %s as a key", (key) => {
    const map = createRangeMap("a");
    expect(() => map.locate(key as RangeKey)).toThrow(code("invalid-key"));
    expect(() => map.split(key as RangeKey)).toThrow(code("invalid-key"));
  });

  it.each([[""], ["\ud800"], [7]])("refuses %s as a node", (node) => {
    expect(() => createRangeMap(node as string)).toThrow(code("invalid-node"));
    expect(() => createRangeMap("a").move("x", node as string)).toThrow(code("invalid-node"));
  });

  const range = { start: "", node: "a", epoch: 1 };
  it.each<[string, unknown]>([
    ["null", null],
    ["another format", { format: "x", version: 1, ranges: [range] }],
    ["a later version", { format: "quorate-range-map", version: 2, ranges: [range] }],
    ["no ranges", { format: "quorate-range-map", version: 1, ranges: [] }],
    ["a gap at first", state([{ ...range, start: "05" }])],
    ["ranges out of order", state([range, { ...range, start: "07" }, { ...range, start: "05" }])],
    ["a start twice", state([range, { ...range, start: "07" }, { ...range, start: "07" }])],
    ["digits that are not", state([range, { ...range, start: "zz" }])],
    ["an epoch of 0", state([{ ...range, epoch: 0 }])],
    ["a node without a name", state([{ ...range, node: "" }])],
  ])("fromJSON of %s: invalid-state", (_what, bad) => {
    expect(() => rangeMapFromJSON(bad as RangeMapState)).toThrow(code("invalid-state"));
  });
});

function state(ranges: unknown[]): unknown {
  return { format: "quorate-range-map", version: 1, ranges };
}
