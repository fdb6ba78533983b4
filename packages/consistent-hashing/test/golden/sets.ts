import {
  createAnchor,
  createEnvoyMaglev,
  createEnvoyRing,
  createJump,
  createKetama,
  createMaglev,
  createMemento,
  createMultiProbe,
  createRendezvous,
  createRing,
  type Key,
  type Locator,
  murmur3,
} from "../../src/index.ts";

const NODES = [
  { name: "10.0.0.1:11211", weight: 2, zone: "a" },
  { name: "10.0.0.2:11211", zone: "b" },
  { name: "10.0.0.3:11212", weight: 3, zone: "c" },
  { name: "büro-4", zone: "a" },
  { name: "節点-5", zone: "b" },
  { name: "😀", zone: "c" },
];

/** Keys of every kind; each set's answers for them are in the golden file. */
export const GOLDEN_KEYS: readonly Key[] = [
  ...Array.from({ length: 40 }, (_, index) => `user:${index}`),
  ...["", "é", "你好", "😀", "\ud800", "a\udc00b"],
  ...[0, 1, -1, 42, Number.MAX_SAFE_INTEGER, 2n ** 63n, -(2n ** 63n)],
  Uint8Array.of(0, 255, 128),
];

/** One of each algorithm with each of its options set to something; some with a past. */
export function goldenSets(): Readonly<Record<string, Locator>> {
  const anchor = createAnchor({ nodes: NODES, capacity: 40, seed: 3 });
  const memento = createMemento({ nodes: NODES, hash: "xxh32" });
  for (const locator of [anchor, memento]) {
    locator.remove("10.0.0.3:11212");
    locator.remove("büro-4");
    locator.add("late");
    locator.setWeight("late", 3);
    locator.remove("😀");
  }
  const jump = createJump({ nodes: NODES, hash: "xxh64", rounding: "guava" });
  jump.setWeight("büro-4", 2);
  return {
    ring: createRing({ nodes: NODES }),
    "ring, other options": createRing({
      nodes: NODES,
      pointsPerWeight: 7,
      hash: "fnv1a",
      seed: 4_000_000_000,
    }),
    rendezvous: createRendezvous({ nodes: NODES, seed: 5 }),
    jump,
    maglev: createMaglev({ nodes: NODES, tableSize: 251 }),
    "multi-probe": createMultiProbe({ nodes: NODES, probes: 11 }),
    anchor,
    memento,
    ketama: createKetama({ nodes: NODES }),
    "ketama, libketama": createKetama({ nodes: NODES, client: "libketama" }),
    "envoy-ring": createEnvoyRing({ nodes: NODES, minimumRingSize: 100, maximumRingSize: 101 }),
    "envoy-maglev": createEnvoyMaglev({ nodes: NODES, tableSize: 251 }),
  };
}

/** The hash of the answers for 20,000 more keys, one after the other. */
export function digest(locator: Locator): number {
  let hash = 0;
  for (let key = 0; key < 20_000; key++) hash = murmur3(locator.locate(`order:${key}`), hash);
  return hash;
}

export function answers(locator: Locator): string[] {
  return GOLDEN_KEYS.map((key) => locator.locateAll(key, 2).join(" "));
}
