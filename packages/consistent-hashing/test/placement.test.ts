import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRing, fromJSON, type Locator } from "../src/index.ts";
import { ALGORITHMS, ALL, COMPATIBLE, type Create, keys, names } from "./all-algorithms.ts";

const KEYS = keys(1_000);

function located(locator: Locator): string[] {
  return KEYS.map((key) => locator.locate(key));
}

/** Keys whose node is another one now, as [from, to]. */
function moves(before: readonly string[], after: readonly string[]): [string, string][] {
  return before.flatMap((from, index) => {
    const to = after[index] as string;
    return from === to ? [] : [[from, to] as [string, string]];
  });
}

/** Moves from nodes that had no reason to give. */
function givers(before: readonly string[], after: readonly string[], allowed: string) {
  return moves(before, after).filter(([from]) => from !== allowed);
}

/** Moves to nodes that had no reason to take. */
function takers(before: readonly string[], after: readonly string[], allowed: string) {
  return moves(before, after).filter(([, to]) => to !== allowed);
}

const MINIMAL = Object.entries(ALGORITHMS).filter(([name]) => name !== "maglev");
const REMOVABLE = MINIMAL.filter(([name]) => name !== "jump");

/** A set of nodes with whole weights, distinct names of any characters that a name may have. */
const nodeSets = fc.uniqueArray(
  fc.record({
    name: fc.oneof(
      fc.string({ minLength: 1, maxLength: 12 }),
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 }),
    ),
    weight: fc.integer({ min: 1, max: 4 }),
  }),
  { selector: ({ name }) => name, minLength: 2, maxLength: 12 },
);

describe.each(REMOVABLE)("%s, minimal disruption", (_name, create) => {
  it("when a node leaves, only its own keys move; when it comes back, they are as before", () => {
    fc.assert(
      fc.property(nodeSets, fc.nat(), (nodes, pick) => {
        const leaving = nodes[pick % nodes.length] as (typeof nodes)[number];
        const locator = create(nodes);
        const before = located(locator);
        locator.remove(leaving.name);
        const without = located(locator);
        expect(givers(before, without, leaving.name)).toEqual([]);
        expect(without).not.toContain(leaving.name);
        locator.add(leaving);
        expect(located(locator)).toEqual(before);
      }),
      { numRuns: 30 },
    );
  });

  it("monotonicity: whatever joins and leaves, a node that joins only receives", () => {
    const changes = fc.array(fc.record({ join: fc.boolean(), pick: fc.nat() }), { maxLength: 15 });
    fc.assert(
      fc.property(changes, (list) => {
        const locator = create(names(5));
        let next = 5;
        let before = located(locator);
        for (const { join, pick } of list) {
          const there = locator.nodes();
          const gone = there[pick % there.length]?.name as string;
          if (join) locator.add(`node-${next++}`);
          else if (there.length > 1) locator.remove(gone);
          else continue;
          const after = located(locator);
          if (join) expect(takers(before, after, `node-${next - 1}`)).toEqual([]);
          else expect(givers(before, after, gone)).toEqual([]);
          before = after;
        }
      }),
      { numRuns: 25 },
    );
  });

  it("a node of more weight only receives, one of less only gives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (low, more) => {
        const locator = create(names(6).map((name) => ({ name, weight: low })));
        const before = located(locator);
        locator.setWeight("node-3", low + more);
        const heavier = located(locator);
        expect(takers(before, heavier, "node-3")).toEqual([]);
        locator.setWeight("node-3", low);
        const again = located(locator);
        expect(givers(heavier, again, "node-3")).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

describe("jump, minimal disruption", () => {
  it("a node that joins only receives, and the last one gives only its own", () => {
    const create = ALGORITHMS["jump"] as (nodes: string[]) => Locator;
    const locator = create(names(3));
    for (let next = 3; next < 40; next++) {
      const before = located(locator);
      locator.add(`node-${next}`);
      const after = located(locator);
      expect(takers(before, after, `node-${next}`)).toEqual([]);
      locator.remove(`node-${next}`);
      expect(located(locator)).toEqual(before);
      locator.add(`node-${next}`);
    }
  });
});

describe("maglev, nearly minimal disruption", () => {
  it("under 1 % of the keys move for nothing when one of 10 to 100 nodes leaves", () => {
    for (const count of [10, 30, 100]) {
      const locator = (ALGORITHMS["maglev"] as (nodes: string[]) => Locator)(names(count));
      const sample = keys(50_000);
      const before = sample.map((key) => locator.locate(key));
      locator.remove("node-5");
      const after = sample.map((key) => locator.locate(key));
      const needless = moves(before, after).filter(([from]) => from !== "node-5");
      expect(needless.length / sample.length).toBeLessThan(0.01);
    }
  });
});

describe.each(Object.entries(ALL))("%s", (name, create) => {
  it("locateAll begins with locate's node, has no node twice, and reaches all", () => {
    fc.assert(
      fc.property(nodeSets, fc.string(), fc.nat(14), (nodes, key, count) => {
        const locator = create(nodes);
        const all = locator.locateAll(key, count);
        expect(all).toHaveLength(Math.min(count, nodes.length));
        expect(new Set(all).size).toBe(all.length);
        if (count > 0) expect(all[0]).toBe(locator.locate(key));
        expect(locator.locateAll(key, nodes.length).slice(0, count)).toEqual(all);
      }),
      { numRuns: 40 },
    );
  });

  it("locateAll in distinct zones: the first node of each zone, as many as there are zones", () => {
    const zones = ["a", "b", "c"];
    const nodes = names(12).map((one, index) => ({ name: one, zone: zones[index % 3] as string }));
    const locator = create(nodes);
    const zoneOf = new Map(nodes.map((node) => [node.name, node.zone]));
    for (const key of KEYS.slice(0, 200)) {
      const replicas = locator.locateAll(key, 3, { distinctBy: (node) => node.zone });
      expect(new Set(replicas.map((one) => zoneOf.get(one)))).toEqual(new Set(zones));
      const order = locator.locateAll(key, 12);
      const firsts = zones.map((zone) => order.find((one) => zoneOf.get(one) === zone));
      expect(new Set(replicas)).toEqual(new Set(firsts));
      expect(locator.locateAll(key, 9, { distinctBy: (node) => node.zone })).toHaveLength(3);
    }
  });

  it("locateWhere asks every node before it gives up", () => {
    const locator = create(names(20));
    const asked = new Set<string>();
    const found = locator.locateWhere("key", (node) => {
      asked.add(node);
      return false;
    });
    expect(found).toBeUndefined();
    expect(asked.size).toBe(20);
    expect(locator.locateWhere("key", (node) => node === "node-7")).toBe("node-7");
  });

  it("bytes, strings, integers and bigints as keys: the same where they are the same", () => {
    const locator = create(names(9));
    for (let value = -50; value < 50; value++) {
      const text = `кл-${value}`;
      expect(locator.locate(new TextEncoder().encode(text))).toBe(locator.locate(text));
      expect(locator.locate(BigInt(value))).toBe(locator.locate(value));
    }
  });

  it("hashOf and locateHash are locate in two steps", () => {
    const locator = create(names(9));
    for (const key of KEYS) {
      expect(locator.locateHash(locator.hashOf(key))).toBe(locator.locate(key));
    }
  });

  it("one node has every key, and an empty one takes the first that joins", () => {
    const locator = create([]);
    locator.add("only");
    expect(new Set(located(locator))).toEqual(new Set(["only"]));
    locator.remove("only");
    expect(locator.size).toBe(0);
    expect(locator.nodes()).toEqual([]);
    locator.add("next");
    expect(locator.locate("key")).toBe("next");
  });

  it("a set made at once and one joined one by one in that order are the same", () => {
    fc.assert(
      fc.property(nodeSets, (nodes) => {
        const sorted = nodes.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        const joined = create([]);
        for (const node of sorted) joined.add(node);
        expect(located(joined)).toEqual(located(create(sorted)));
      }),
      { numRuns: 15 },
    );
  });

  it("keeps count of its versions, nodes and bytes", () => {
    const locator = create(["b", { name: "a", weight: 2, zone: "z" }]);
    expect(locator.algorithm).toBe(name);
    expect(locator.nodes()).toEqual([
      { name: "a", weight: 2, zone: "z" },
      { name: "b", weight: 1 },
    ]);
    const { version } = locator;
    locator.add("c");
    locator.setWeight("c", 3);
    locator.setWeight("c", 3);
    locator.remove("c");
    expect(locator.version).toBe(version + 3);
    expect([locator.has("a"), locator.has("c"), locator.size]).toEqual([true, false, 2]);
    expect(locator.memoryBytes()).toBeGreaterThanOrEqual(0);
  });
});

// The first three number their nodes by history; Envoy hands out points in the order of joining.
const ORDER_FREE = Object.entries(ALL).filter(
  ([name]) => !["jump", "anchor", "memento", "envoy-ring"].includes(name),
);

const envoyRing = ALL["envoy-ring"] as Create;

describe("envoy-ring, weights whose shares of points are not whole", () => {
  it("gives the same answers for the same order of joining, and again from its state", () => {
    fc.assert(
      fc.property(nodeSets, (nodes) => {
        const ring = envoyRing([]);
        for (const node of nodes) ring.add(node);
        expect(located(ring)).toEqual(located(envoyRing(nodes)));
        expect(located(fromJSON(ring.toJSON()))).toEqual(located(ring));
      }),
      { numRuns: 20 },
    );
  });
});

describe.each(ORDER_FREE)("%s, any order of joining", (_name, create) => {
  it("gives the same answers, after whatever detours", () => {
    fc.assert(
      fc.property(nodeSets, fc.infiniteStream(fc.nat()), (nodes, order) => {
        const picks = [...order.take(nodes.length)];
        const shuffled = nodes
          .map((node, index) => ({ node, pick: picks[index] as number }))
          .toSorted((a, b) => a.pick - b.pick)
          .map(({ node }) => node);
        const joined = create(["detour-1", "detour-2"]);
        for (const node of shuffled) joined.add({ ...node, weight: 1 });
        joined.remove("detour-1");
        for (const { name, weight } of nodes) joined.setWeight(name, weight);
        joined.remove("detour-2");
        expect(located(joined)).toEqual(located(create(nodes)));
      }),
      { numRuns: 20 },
    );
  });
});

describe("peers' faults", () => {
  it("hashring's: no key moves for nothing at any number of nodes", () => {
    const ring = createRing({ nodes: names(1) });
    let before = located(ring);
    for (let count = 1; count < 80; count++) {
      ring.add(`node-${count}`);
      const after = located(ring);
      expect(takers(before, after, `node-${count}`)).toEqual([]);
      before = after;
    }
  });

  it("consistent-hash's and hash-ring's: sets agree, and similar keys do not fall together", () => {
    const located1 = located(createRing({ nodes: names(10) }));
    expect(located(createRing({ nodes: names(10) }))).toEqual(located1);
    expect(new Set(located1).size).toBe(10);
    const similar = ["a", "aa", "aaa", "aaaa", "b", "bb", "c", "d", "e", "f"].map((key) =>
      createRing({ nodes: names(3) }).locate(key),
    );
    expect(new Set(similar).size).toBe(3);
  });

  it("all compatible modes and algorithms answer for an empty key", () => {
    for (const create of Object.values({ ...ALGORITHMS, ...COMPATIBLE })) {
      const locator = create(names(4));
      expect(names(4)).toContain(locator.locate(""));
      expect(locator.locate(new Uint8Array())).toBe(locator.locate(""));
    }
  });
});
