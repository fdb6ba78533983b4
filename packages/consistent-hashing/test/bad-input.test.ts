import { describe, expect, it } from "vitest";
import {
  compare,
  ConsistentHashingError,
  createAnchor,
  createEnvoyMaglev,
  createEnvoyRing,
  createJump,
  createKetama,
  createMaglev,
  createMultiProbe,
  createRing,
  jumpHash,
  type Key,
  type NodeSpec,
} from "../src/index.ts";
import { ALL, names } from "./all-algorithms.ts";

const code = (expected: string): unknown =>
  expect.objectContaining({ name: "ConsistentHashingError", code: expected });

describe.each(Object.entries(ALL))("%s, bad input", (name, create) => {
  it("an empty set: locate says no-nodes, the others answer with nothing", () => {
    const empty = create([]);
    expect(() => empty.locate("key")).toThrow(code("no-nodes"));
    expect(() => empty.locateHash(0)).toThrow(code("no-nodes"));
    expect(empty.locateAll("key", 3)).toEqual([]);
    expect(empty.locateWhere("key", () => true)).toBeUndefined();
    expect(empty.shares().size).toBe(0);
    expect(() => empty.remove("a")).toThrow(code("unknown-node"));
    expect(() => empty.setWeight("a", 1)).toThrow(code("unknown-node"));
  });

  it("a duplicate node, at first and later, changes nothing", () => {
    expect(() => create(["a", "b", "a"])).toThrow(code("duplicate-node"));
    const locator = create(["a", "b"]);
    const before = JSON.stringify(locator);
    expect(() => locator.add({ name: "a", weight: 2 })).toThrow(code("duplicate-node"));
    expect(JSON.stringify(locator)).toBe(before);
    expect(locator.version).toBe(0);
  });

  it.each([0, -1, NaN, Infinity, -Infinity, 2 ** 32, "1", null])("a weight of %s", (weight) => {
    const bad = { name: "c", weight } as NodeSpec;
    const locator = create(["a", "b"]);
    const before = JSON.stringify(locator);
    expect(() => create(["a", bad])).toThrow(code("invalid-weight"));
    expect(() => locator.add(bad)).toThrow(code("invalid-weight"));
    expect(() => locator.setWeight("b", weight as number)).toThrow(code("invalid-weight"));
    expect(JSON.stringify(locator)).toBe(before);
  });

  it("a fractional weight, where only whole ones will do", () => {
    const locator = create(["a", "b"]);
    if (["ring", "rendezvous", "maglev"].includes(name)) {
      locator.setWeight("b", 0.5);
      expect(locator.nodes()[1]).toEqual({ name: "b", weight: 0.5 });
    } else {
      expect(() => locator.setWeight("b", 0.5)).toThrow(code("invalid-weight"));
    }
  });

  it.each([
    [""],
    ["x".repeat(1_025)],
    ["lone \ud800 surrogate"],
    [null],
    [undefined],
    [7],
    [{}],
    [{ name: "c", zone: 3 }],
  ])("a node such as %s", (node) => {
    expect(() => create(["a"]).add(node as NodeSpec)).toThrow(code("invalid-node"));
    expect(() => create([node as NodeSpec])).toThrow(code("invalid-node"));
  });

  it.each([[1.5], [NaN], [Infinity], [2 ** 60], [2n ** 64n], [null], [undefined], [{}], [["a"]]])(
    "%s as a key",
    (key) => {
      const locator = create(["a", "b"]);
      expect(() => locator.locate(key as Key)).toThrow(code("invalid-key"));
      expect(() => locator.locateAll(key as Key, 1)).toThrow(code("invalid-key"));
      expect(() => locator.hashOf(key as Key)).toThrow(code("invalid-key"));
    },
  );

  it("a key of 1 MB, and lone surrogates, have a node", () => {
    const locator = create(names(5));
    const long = "é".repeat(500_000);
    expect(locator.locate(long)).toBe(locator.locate(new TextEncoder().encode(long)));
    expect(locator.locate("\ud800")).toBe(locator.locate("\ufffd"));
    expect(locator.locate("a\udfff")).toBe(locator.locate("a\ufffd"));
  });

  it.each([-1, 1.5, NaN])("a count of %d", (count) => {
    expect(() => create(["a"]).locateAll("key", count)).toThrow(code("invalid-option"));
  });

  it.each([[-1], [1.5], [NaN], [2n ** 64n], [-1n]])("a hash of %s", (hash) => {
    expect(() => create(["a"]).locateHash(hash)).toThrow(code("invalid-option"));
  });

  it("nodes that are not an array", () => {
    expect(() => create("a" as unknown as string[])).toThrow(code("invalid-option"));
  });

  it("names that differ only in case or in normal form are different nodes", () => {
    const locator = create(["é", "e\u0301", "É"]);
    expect(locator.size).toBe(3);
  });
});

describe("options out of range", () => {
  it.each<[string, () => unknown]>([
    ["points 0", () => createRing({ pointsPerWeight: 0 })],
    ["points 65,537", () => createRing({ pointsPerWeight: 65_537 })],
    ["seed -1", () => createRing({ seed: -1 })],
    ["seed 2^32", () => createRing({ seed: 2 ** 32 })],
    ["hash", () => createRing({ hash: "md6" as "murmur3" })],
    ["probes 0", () => createMultiProbe({ probes: 0 })],
    ["capacity 0", () => createAnchor({ capacity: 0 })],
    ["capacity missing", () => createAnchor({} as { capacity: number })],
    ["a table that is not prime", () => createMaglev({ tableSize: 65_536 })],
    ["a table beyond 5,000,011", () => createMaglev({ tableSize: 5_000_077 })],
    ["Envoy's table that is not prime", () => createEnvoyMaglev({ tableSize: 8 })],
    ["ring sizes", () => createEnvoyRing({ minimumRingSize: 20, maximumRingSize: 10 })],
    ["client", () => createKetama({ client: "x" as "libketama" })],
    ["rounding", () => createJump({ rounding: "x" as "guava" })],
    ["buckets 0", () => jumpHash(1, 0)],
    ["buckets 2^31", () => jumpHash(1, 2 ** 31)],
    ["a fractional jump key", () => jumpHash(1.5, 10)],
    ["compare without keys", () => compare({ nodes: ["a", "b"], keys: [] })],
    ["compare with one node", () => compare({ nodes: ["a"], keys: ["k"] })],
  ])("%s: invalid-option", (_what, make) => {
    expect(make).toThrow(code("invalid-option"));
    expect(make).toThrow(ConsistentHashingError);
  });
});

describe("bounds", () => {
  it("AnchorHash is full at its capacity, the sum of weights", () => {
    const anchor = createAnchor({ nodes: ["a", "b"], capacity: 3 });
    expect(() => anchor.setWeight("a", 3)).toThrow(code("full"));
    expect(() => createAnchor({ nodes: names(4), capacity: 3 })).toThrow(code("full"));
    const small = { minimumRingSize: 1, maximumRingSize: 3 };
    expect(() => createEnvoyRing({ nodes: names(4), ...small })).toThrow(code("full"));
    anchor.add("c");
    expect(() => anchor.add("d")).toThrow(code("full"));
    anchor.remove("a");
    anchor.add("d");
    expect(anchor.nodes().map(({ name }) => name)).toEqual(["b", "c", "d"]);
  });

  it("a Maglev table has no more nodes than places", () => {
    const maglev = createMaglev({ nodes: names(5), tableSize: 5 });
    expect(() => maglev.add("one more")).toThrow(code("full"));
    maglev.setWeight("node-1", 2);
    expect(() => createMaglev({ nodes: names(6), tableSize: 5 })).toThrow(code("full"));
  });

  it("a ring has at most 2^24 points, whether asked for at once or one by one", () => {
    const nodes = [1, 2, 3].map((index) => ({ name: `n${index}`, weight: 200 }));
    expect(() => createRing({ nodes, pointsPerWeight: 65_536 })).toThrow(code("full"));
    const ring = createRing({ nodes: ["a"], pointsPerWeight: 1_000 });
    expect(() => ring.setWeight("a", 2 ** 20)).toThrow(code("full"));
    expect(() => ring.add({ name: "b", weight: 2 ** 30 })).toThrow(code("full"));
    expect(ring.locate("key")).toBe("a");
  });

  it("jump hashing: only the last node can leave, or change its weight downwards", () => {
    const jump = createJump({ nodes: ["a", "b", { name: "c", weight: 2 }] });
    expect(() => jump.remove("a")).toThrow(code("not-last"));
    jump.setWeight("a", 2);
    expect(() => jump.remove("c")).toThrow(code("not-last"));
    jump.setWeight("a", 1);
    jump.setWeight("c", 1);
    jump.remove("c");
    jump.remove("b");
    expect(jump.nodes()).toEqual([{ name: "a", weight: 1 }]);
    expect(() => jump.setWeight("a", 2 ** 21)).toThrow(code("invalid-weight"));
  });
});
