import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnchorBuckets } from "../src/core/anchor.ts";
import type { BucketAlgorithm } from "../src/core/buckets.ts";
import { MementoBuckets } from "../src/core/memento.ts";
import { negativeLog } from "../src/core/natural-log.ts";
import { PointRing } from "../src/core/point-ring.ts";
import {
  createMaglev,
  createMultiProbe,
  createRendezvous,
  createRing,
  jumpHash,
} from "../src/index.ts";
import {
  NaiveAnchor,
  naiveJump,
  naiveMaglev,
  NaiveMemento,
  naiveMultiProbe,
  naiveRendezvous,
  naiveRing,
} from "./naive.ts";

const hashes = fc.array(fc.nat(2 ** 32 - 1), { minLength: 1, maxLength: 30 });
const edges = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1];
const nodes = (most: number) =>
  fc.uniqueArray(
    fc.record({
      name: fc.string({ minLength: 1, maxLength: 8 }),
      weight: fc.integer({ min: 1, max: most }),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 12 },
  );

describe("against naive second implementations", () => {
  it("ring: with joins, leaves and weights in between", () => {
    fc.assert(
      fc.property(nodes(5), fc.nat(40), fc.nat(2 ** 32 - 1), hashes, (set, points, seed, some) => {
        const pointsPerWeight = points + 1;
        const [first, ...rest] = set;
        const ring = createRing({ nodes: rest, pointsPerWeight, seed });
        ring.add({ ...first, weight: 2 } as (typeof set)[number]);
        ring.setWeight(first?.name as string, first?.weight as number);
        const naive = naiveRing(set, pointsPerWeight, seed);
        for (const hash of [...some, ...edges]) expect(ring.locateHash(hash)).toBe(naive(hash));
        if (rest.length === 0) return;
        ring.remove(first?.name as string);
        const without = naiveRing(rest, pointsPerWeight, seed);
        for (const hash of some) expect(ring.locateHash(hash)).toBe(without(hash));
      }),
    );
  });

  it("ring of fractional weights: points rounded, at least one", () => {
    const set = [0.001, 0.5, 1.26, 3].map((weight, index) => ({ name: `n${index}`, weight }));
    const ring = createRing({ nodes: set, pointsPerWeight: 10 });
    const naive = naiveRing(set, 10);
    for (let hash = 0; hash < 2 ** 32; hash += 10_000_019) {
      expect(ring.locateHash(hash)).toBe(naive(hash));
    }
  });

  it("multi-probe", () => {
    fc.assert(
      fc.property(nodes(4), fc.integer({ min: 1, max: 25 }), hashes, (set, probes, some) => {
        const locator = createMultiProbe({ nodes: set, probes });
        const naive = naiveMultiProbe(set, probes);
        for (const hash of [...some, ...edges]) expect(locator.locateHash(hash)).toBe(naive(hash));
      }),
    );
  });

  it("rendezvous: the whole order, with any weights", () => {
    const weighted = nodes(1_000_000).map((set) =>
      set.map(({ name, weight }) => ({ name, weight: weight / 1_000 })),
    );
    fc.assert(
      fc.property(fc.oneof(nodes(1), weighted), fc.string(), (set, key) => {
        const locator = createRendezvous({ nodes: set });
        const order = naiveRendezvous(set)(locator.hashOf(key) as number);
        expect(locator.locate(key)).toBe(order[0]);
        expect(locator.locateAll(key, set.length)).toEqual(order);
      }),
    );
  });

  it("rendezvous: the logarithm is Math.log's to 11 digits, and strictly falls", () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 2), (bits) => {
        const expected = -Math.log((bits + 0.5) / 2 ** 32);
        expect(Math.abs(negativeLog(bits) - expected)).toBeLessThanOrEqual(1e-11 * expected);
        expect(negativeLog(bits + 1)).toBeLessThan(negativeLog(bits));
      }),
      { numRuns: 2_000 },
    );
    for (let bits = 1; bits < 2 ** 31; bits *= 2) {
      for (const at of [bits - 1, bits, Math.floor(bits * Math.SQRT2)]) {
        expect(negativeLog(at + 1)).toBeLessThan(negativeLog(at));
      }
    }
  });

  it("jump: the paper's program, over 64-bit keys", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2n ** 64n - 1n), fc.integer({ min: 1, max: 1e6 }), (key, count) => {
        expect(jumpHash(key, count)).toBe(naiveJump(key, count));
      }),
      { numRuns: 2_000 },
    );
  });

  it("Maglev: the paper's listing 1", () => {
    const primes = fc.constantFrom(13, 53, 251, 509);
    const some = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(some, primes, (set, tableSize) => {
        const maglev = createMaglev({ nodes: set, tableSize });
        const table = naiveMaglev(set, tableSize);
        const places = table.map((_, place) =>
          maglev.locateHash(Math.ceil((place * 2 ** 32) / tableSize)),
        );
        expect(places).toEqual(table);
      }),
      { numRuns: 50 },
    );
  });

  const changes = fc.array(fc.record({ remove: fc.boolean(), pick: fc.nat() }), { maxLength: 40 });

  function follows(ours: BucketAlgorithm, naive: NaiveAnchor | NaiveMemento, most: number) {
    return (
      list: readonly { readonly remove: boolean; readonly pick: number }[],
      keys: number[],
    ) => {
      const inUse: number[] = [];
      for (const { remove, pick } of list) {
        if (remove && inUse.length > 0) {
          const [bucket = 0] = inUse.splice(pick % inUse.length, 1);
          ours.remove(bucket);
          naive.remove(bucket);
        } else if (inUse.length < most) {
          const bucket = ours.add();
          expect(naive.add()).toBe(bucket);
          inUse.push(bucket);
        }
        if (inUse.length === 0) continue;
        for (const key of keys) expect(ours.find(key | 0, 0)).toBe(naive.find(key));
      }
    };
  }

  it("AnchorHash: the paper's algorithms 1 and 2, which keep whole sets", () => {
    fc.assert(
      fc.property(changes, hashes, (list, keys) => {
        follows(new AnchorBuckets(20), new NaiveAnchor(20), 20)(list, keys);
      }),
    );
  });

  it("MementoHash: whole sets after each removal", () => {
    fc.assert(
      fc.property(changes, hashes, (list, keys) => {
        follows(new MementoBuckets(), new NaiveMemento(), 30)(list, keys);
      }),
    );
  });
});

describe("PointRing", () => {
  it("§ collisions: points at one position go by the order given, whichever came first", () => {
    const position = fc.constantFrom(0, 1, 5, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1);
    const sets = fc.array(fc.array(position, { minLength: 1, maxLength: 5 }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(sets, fc.nat(), (points, leaving) => {
        const ring = new PointRing((slot, other) => slot < other);
        for (const slot of [...points.keys()].toReversed()) {
          ring.insert(Uint32Array.from(points[slot] as number[]).sort(), slot);
        }
        const all = points
          .flatMap((own, slot) => own.map((at) => ({ at, slot })))
          .toSorted((a, b) => a.at - b.at || a.slot - b.slot);
        const check = (list: typeof all): void => {
          for (const probe of [0, 1, 2, 5, 6, 2 ** 31, 2 ** 32 - 2, 2 ** 32 - 1]) {
            const owner = list.find(({ at }) => at >= probe) ?? list[0];
            expect(ring.find(probe)).toBe(owner?.slot);
          }
        };
        check(all);
        const gone = leaving % points.length;
        ring.remove(gone);
        const rest = all.filter(({ slot }) => slot !== gone);
        if (rest.length > 0) check(rest);
      }),
    );
  });
});
