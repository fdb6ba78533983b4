import { describe, expect, it } from "vitest";
import {
  createAnchor,
  createJump,
  createMaglev,
  createMemento,
  createMultiProbe,
  createRendezvous,
  createRing,
  type Locator,
} from "../src/index.ts";
import { ALL, keys, names } from "./all-algorithms.ts";

const KEYS = keys(200_000);

/** Each node's keys over its fair ones by weight. */
function loads(locator: Locator, sample: readonly string[] = KEYS): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of sample) {
    const name = locator.locate(key);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const nodes = locator.nodes();
  const total = nodes.reduce((sum, { weight }) => sum + weight, 0);
  return new Map(
    nodes.map(({ name, weight }) => [
      name,
      ((counts.get(name) ?? 0) * total) / (sample.length * weight),
    ]),
  );
}

function deviation(values: Iterable<number>): number {
  const all = [...values];
  return Math.sqrt(all.reduce((sum, value) => sum + (value - 1) ** 2, 0) / all.length);
}

/** Of a perfect algorithm with so many keys a node: chance alone (binomial). */
function chance(keysANode: number): number {
  return 1 / Math.sqrt(keysANode);
}

describe("balance within the theory's bound", () => {
  it.each([10, 100, 1_000])(
    "ring of %i nodes: a deviation of 1/√points, and of chance",
    (count) => {
      const actual = deviation(loads(createRing({ nodes: names(count) })).values());
      const theory = Math.hypot(1 / Math.sqrt(160), chance(KEYS.length / count));
      // Of few nodes the deviation itself deviates: by 1/√(2n), here three times that.
      expect(actual).toBeLessThan(theory * (1 + 3 / Math.sqrt(2 * count)));
    },
  );

  it("ring: four times the points, half the deviation", () => {
    const exact = (pointsPerWeight: number): number => {
      const shares = createRing({ nodes: names(500), pointsPerWeight }).shares();
      return deviation([...shares.values()].map((share) => share * 500));
    };
    expect(exact(640) / exact(160)).toBeGreaterThan(0.4);
    expect(exact(640) / exact(160)).toBeLessThan(0.6);
  });

  const perfect: Readonly<Record<string, (nodes: string[]) => Locator>> = {
    rendezvous: (nodes) => createRendezvous({ nodes }),
    jump: (nodes) => createJump({ nodes }),
    anchor: (nodes) => createAnchor({ nodes, capacity: 2 * nodes.length }),
    memento: (nodes) => createMemento({ nodes }),
  };

  it.each(Object.entries(perfect))("%s: only chance deviates", (_name, create) => {
    const actual = deviation(loads(create(names(50))).values());
    expect(actual).toBeLessThan(1.3 * chance(KEYS.length / 50));
  });

  it.each(["anchor", "memento"])("%s: also after half of the nodes have left", (name) => {
    const locator = (perfect[name] as (nodes: string[]) => Locator)(names(100));
    for (let index = 0; index < 100; index += 2) locator.remove(`node-${index}`);
    const actual = deviation(loads(locator).values());
    expect(actual).toBeLessThan(1.3 * chance(KEYS.length / 50));
  });

  it("Maglev: places differ by at most one in a hundred when they are a hundred a node", () => {
    const shares = createMaglev({ nodes: names(600) }).shares();
    for (const share of shares.values()) expect(Math.abs(share * 600 - 1)).toBeLessThan(0.01);
  });

  it("multi-probe: with k probes no node has more than 1 + 1/(k - 1), but for chance", () => {
    const most = Math.max(...loads(createMultiProbe({ nodes: names(40) })).values());
    expect(most).toBeLessThan(1 + 1 / 20 + 4 * chance(KEYS.length / 40));
  });
});

describe("weights within 2 %", () => {
  const nodes = [1, 2, 3, 2].map((weight, index) => ({ name: `node-${index}`, weight }));
  const weighted: Readonly<Record<string, Locator>> = {
    rendezvous: createRendezvous({ nodes }),
    jump: createJump({ nodes }),
    maglev: createMaglev({ nodes }),
    anchor: createAnchor({ nodes, capacity: 32 }),
    memento: createMemento({ nodes }),
    "multi-probe": createMultiProbe({ nodes, probes: 101 }),
    "ring of 20,000 points": createRing({ nodes, pointsPerWeight: 20_000 }),
  };

  it.each(Object.entries(weighted))("%s", (_name, locator) => {
    for (const load of loads(locator).values()) expect(Math.abs(load - 1)).toBeLessThan(0.02);
  });

  it("ring with the default points: within three standard deviations of the theory", () => {
    const shares = createRing({ nodes }).shares();
    for (const { name, weight } of nodes) {
      const fair = weight / 8;
      const sigma = fair * Math.sqrt((1 - fair) / (160 * weight));
      expect(Math.abs((shares.get(name) ?? 0) - fair)).toBeLessThan(3 * sigma);
    }
  });

  it("fractional weights, where there can be such", () => {
    const fractions = [0.25, 0.5, 1.75].map((weight, index) => ({ name: `n${index}`, weight }));
    for (const locator of [
      createRendezvous({ nodes: fractions }),
      createMaglev({ nodes: fractions }),
    ]) {
      for (const load of loads(locator).values()) expect(Math.abs(load - 1)).toBeLessThan(0.02);
    }
  });
});

describe.each(Object.entries(ALL))("%s, shares", (_name, create) => {
  it("sum up to 1 and are what keys get", () => {
    const locator = create(names(8).map((name, index) => ({ name, weight: 1 + (index % 3) })));
    const shares = locator.shares();
    const sum = [...shares.values()].reduce((all, share) => all + share, 0);
    expect(sum).toBeCloseTo(1, 9);
    const sample = KEYS.slice(0, 30_000);
    const total = locator.nodes().reduce((all, { weight }) => all + weight, 0);
    for (const [name, load] of loads(locator, sample)) {
      const { weight = 0 } = locator.nodes().find((node) => node.name === name) ?? {};
      expect(Math.abs((load * weight) / total - (shares.get(name) ?? 0))).toBeLessThan(0.01);
    }
  });
});
