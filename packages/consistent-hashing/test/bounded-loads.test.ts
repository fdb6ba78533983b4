import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundLoads, createRing } from "../src/index.ts";
import { ALL, names } from "./all-algorithms.ts";

const code = (expected: string): unknown => expect.objectContaining({ code: expected });

describe.each(Object.entries(ALL))("bounded loads over %s", (_name, create) => {
  it("no node is ever above ⌈(1 + ε) × its share⌉ as keys are acquired, whatever the keys", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 10 });
    const epsilons = fc.constantFrom(0.01, 0.1, 0.25, 1, 3);
    const loads = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 150 });
    fc.assert(
      fc.property(weights, epsilons, loads, (all, epsilon, keys) => {
        const locator = create(all.map((weight, index) => ({ name: `n${index}`, weight })));
        const bounded = boundLoads(locator, { epsilon });
        const sum = all.reduce((total, weight) => total + weight, 0);
        for (const [index, key] of keys.entries()) {
          // Few different keys: all of the load would be on few nodes.
          bounded.acquire(key);
          const limits = all.map((weight) =>
            Math.ceil(((1 + epsilon) * (index + 1) * weight) / sum + 1e-9),
          );
          const above = limits.filter((limit, node) => bounded.load(`n${node}`) > limit);
          expect(above).toEqual([]);
        }
        expect(bounded.total).toBe(keys.length);
      }),
      { numRuns: 25 },
    );
  });

  it("with releases in between, the node that is given is never above its capacity", () => {
    const steps = fc.array(fc.record({ key: fc.nat(3), release: fc.boolean() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const bounded = boundLoads(create(names(5)), { epsilon: 0.25 });
        const held: string[] = [];
        for (const { key, release } of list) {
          if (release && held.length > 0) {
            bounded.release(held.splice(key % held.length, 1)[0] as string);
            continue;
          }
          const name = bounded.acquire(key);
          held.push(name);
          expect(bounded.load(name)).toBeLessThanOrEqual(bounded.capacity(name));
        }
        for (const name of names(5)) {
          expect(bounded.load(name)).toBe(held.filter((one) => one === name).length);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe("bounded loads", () => {
  it("a key goes to its own node while that has room", () => {
    const ring = createRing({ nodes: names(10) });
    const bounded = boundLoads(ring, { epsilon: 0.5 });
    expect(bounded.acquire("key")).toBe(ring.locate("key"));
    expect(bounded.load(ring.locate("key"))).toBe(1);
    // ⌈1.5 × 2 / 10⌉ is 1, and that is taken.
    expect(bounded.acquire("key")).toBe(ring.locateAll("key", 2)[1]);
  });

  it("nodes join and leave through the locator; load leaves with its node", () => {
    const ring = createRing({ nodes: ["a"] });
    const bounded = boundLoads(ring, { epsilon: 0.1 });
    for (let key = 0; key < 10; key++) bounded.acquire(key);
    ring.add("b");
    for (let key = 0; key < 8; key++) expect(bounded.acquire(key)).toBe("b");
    ring.remove("a");
    expect(bounded.total).toBe(8);
    bounded.release("a");
    expect(bounded.total).toBe(8);
    ring.add("a");
    expect(bounded.load("a")).toBe(0);
    expect(() => bounded.release("a")).toThrow(code("not-acquired"));
  });

  it.each([0, -1, NaN, Infinity, 1e-9])("refuses an epsilon of %d", (epsilon) => {
    expect(() => boundLoads(createRing(), { epsilon })).toThrow(code("invalid-option"));
  });

  it("says no-nodes and unknown-node", () => {
    const bounded = boundLoads(createRing(), { epsilon: 1 });
    expect(() => bounded.acquire("key")).toThrow(code("no-nodes"));
    expect(() => bounded.load("a")).toThrow(code("unknown-node"));
    expect(() => bounded.capacity("a")).toThrow(code("unknown-node"));
  });
});
