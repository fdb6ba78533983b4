import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  integerBetween,
  pick,
  type Random,
  seededRandom,
  shuffled,
  systemRandom,
} from "../src/index.ts";

function draw(random: Random, count: number): number[] {
  return Array.from({ length: count }, () => random.next());
}

describe("seededRandom", () => {
  it("golden vector: the same seed gives the same stream for ever", () => {
    expect(draw(seededRandom("quorate"), 4)).toEqual([
      0.87797893117753, 0.6975968163791761, 0.31844555434335853, 0.5864981461738326,
    ]);
    expect(draw(seededRandom(42).fork("elections"), 4)).toEqual([
      0.3912611041096561, 0.7668133942806318, 0.5781060814460844, 0.3759928374822272,
    ]);
  });

  it("no seed reads like another one's fork", () => {
    expect(draw(seededRandom("1/1:a"), 2)).not.toEqual(draw(seededRandom("1").fork("a"), 2));
    expect(draw(seededRandom("a").fork("b/1:c"), 2)).not.toEqual(
      draw(seededRandom("a").fork("b").fork("c"), 2),
    );
  });

  it("gives numbers from 0 to below 1, evenly", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    for (const number of draw(seededRandom(1), 100_000)) counts[Math.floor(number * 10)]!++;
    expect(counts).toHaveLength(10);
    // Six standard deviations of a binomial count of 10,000 in 100,000.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(6 * 95);
  });

  it("other seeds give other streams, also where they only look alike", () => {
    const seeds = ["1", 1, "", "a", "b", "ab", "ba", 0, -1, 2 ** 32, 2 ** 32 + 1, "a "];
    const streams = seeds.map((seed) => draw(seededRandom(seed), 3).join());
    streams.push(draw(seededRandom("a").fork("b"), 3).join());
    expect(new Set(streams).size).toBe(streams.length);
  });

  it("a fork depends on seed and label only, not on how much was drawn from either", () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.nat(50),
        fc.nat(50),
        (seed, label, before, other) => {
          const expected = draw(seededRandom(seed).fork(label), 5);
          const random = seededRandom(seed);
          draw(random, before);
          draw(random.fork("another"), other);
          expect(draw(random.fork(label), 5)).toEqual(expected);
        },
      ),
    );
  });

  it("forking draws nothing from the stream", () => {
    const random = seededRandom(7);
    random.fork("a");
    expect(draw(random, 3)).toEqual(draw(seededRandom(7), 3));
  });

  it("forks of different paths differ: (a, b/c) is not (a/b, c)", () => {
    const one = seededRandom(1).fork("a").fork("b/c");
    const other = seededRandom(1).fork("a/b").fork("c");
    expect(draw(one, 3)).not.toEqual(draw(other, 3));
  });
});

describe("integerBetween", () => {
  it("gives each whole number of the range, both ends included, and nothing else", () => {
    const random = seededRandom(3);
    const drawn = new Set(Array.from({ length: 1_000 }, () => integerBetween(random, -2, 3)));
    expect([...drawn].toSorted((a, b) => a - b)).toEqual([-2, -1, 0, 1, 2, 3]);
    expect(integerBetween(random, 5, 5)).toBe(5);
  });
});

describe("systemRandom", () => {
  it("is a stream of numbers from 0 to below 1", () => {
    for (const number of draw(systemRandom, 100)) {
      expect(number).toBeGreaterThanOrEqual(0);
      expect(number).toBeLessThan(1);
    }
  });
});

describe("pick", () => {
  it("gives each item, and by one draw, so that a stream goes on as after any other", () => {
    const random = seededRandom(1);
    const picked = new Set(Array.from({ length: 100 }, () => pick(random, ["a", "b", "c"])));
    expect(picked).toEqual(new Set(["a", "b", "c"]));
    const [one, other] = [seededRandom(2), seededRandom(2)];
    pick(one, ["a", "b"]);
    other.next();
    expect(one.next()).toBe(other.next());
  });
});

describe("shuffled", () => {
  it("has the same items, in each order about equally often, and leaves the original", () => {
    const random = seededRandom(1);
    const items = ["a", "b", "c"];
    const counts = new Map<string, number>();
    for (let round = 0; round < 6_000; round++) {
      const order = shuffled(random, items).join("");
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect([...counts.keys()].toSorted()).toEqual(["abc", "acb", "bac", "bca", "cab", "cba"]);
    // Six standard deviations of a binomial count of 1,000 in 6,000.
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(175);
    expect(items).toEqual(["a", "b", "c"]);
  });
});
