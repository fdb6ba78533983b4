import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  flexibleQuorums,
  gridQuorums,
  majorityQuorums,
  type NodeSet,
  PaxosError,
  type QuorumSystem,
  requireIntersection,
  sizeOf,
  weightedQuorums,
  withNode,
} from "../src/index.ts";

function names(size: number): string[] {
  return Array.from({ length: size }, (_, at) => `n${at + 1}`);
}

function allSets({ nodes }: QuorumSystem): NodeSet[] {
  return Array.from({ length: 2 ** nodes.length }, (_, set) => set);
}

/** Brute force: every pair of quorums, one of each phase. */
function alwaysMeet(quorums: QuorumSystem): boolean {
  const phase2 = allSets(quorums).filter((set) => quorums.isPhase2Quorum(set));
  return allSets(quorums)
    .filter((set) => quorums.isPhase1Quorum(set))
    .every((first) => phase2.every((second) => (first & second) !== 0));
}

const size = fc.integer({ min: 1, max: 6 });
const majority = size.map((nodes) => majorityQuorums(names(nodes)));
const weighted = fc
  .array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 6 })
  .filter((weights) => weights.some((weight) => weight > 0))
  .map((weights) =>
    weightedQuorums(Object.fromEntries(weights.map((weight, at) => [`n${at}`, weight]))),
  );
const flexible = fc.tuple(size, fc.nat(), fc.nat()).map(([nodes, a, b]) => {
  const phase1 = 1 + (a % nodes);
  const phase2 = nodes + 1 - phase1 + (b % phase1);
  return flexibleQuorums(names(nodes), { phase1, phase2 });
});
const grid = fc
  .constantFrom([1, 1], [1, 4], [4, 1], [2, 2], [2, 3], [3, 2])
  .map(([height, width]) =>
    gridQuorums(
      Array.from({ length: height }, (_, row) =>
        Array.from({ length: width }, (__, column) => `n${row}${column}`),
      ),
    ),
  );
const anySystem = fc.oneof(majority, weighted, flexible, grid);

describe("quorum systems", () => {
  it("B2, Flexible Paxos §3: every phase-1 quorum meets every phase-2 quorum, by brute force", () => {
    fc.assert(
      fc.property(anySystem, (quorums) => {
        expect(alwaysMeet(quorums)).toBe(true);
      }),
    );
  });

  it("all nodes together are a quorum of both phases, and nobody is of none", () => {
    fc.assert(
      fc.property(anySystem, (quorums) => {
        const everybody = 2 ** quorums.nodes.length - 1;
        expect(quorums.isPhase1Quorum(everybody) && quorums.isPhase2Quorum(everybody)).toBe(true);
        expect(quorums.isPhase1Quorum(0) || quorums.isPhase2Quorum(0)).toBe(false);
      }),
    );
  });

  it("a set with more nodes than a quorum is a quorum", () => {
    fc.assert(
      fc.property(anySystem, fc.nat(), (quorums, drawn) => {
        for (const set of allSets(quorums)) {
          const larger = set | (1 << (drawn % quorums.nodes.length));
          if (quorums.isPhase1Quorum(set)) expect(quorums.isPhase1Quorum(larger)).toBe(true);
          if (quorums.isPhase2Quorum(set)) expect(quorums.isPhase2Quorum(larger)).toBe(true);
        }
      }),
    );
  });

  it("Flexible Paxos: sizes are refused exactly when quorums of them could miss each other", () => {
    for (let nodes = 1; nodes <= 6; nodes++) {
      for (let phase1 = 1; phase1 <= nodes; phase1++) {
        for (let phase2 = 1; phase2 <= nodes; phase2++) {
          const make = (): QuorumSystem => flexibleQuorums(names(nodes), { phase1, phase2 });
          if (phase1 + phase2 > nodes) expect(alwaysMeet(make())).toBe(true);
          else expect(make).toThrow(PaxosError);
        }
      }
    }
  });

  it("of 3 the majority is 2, of 4 it is 3; a grid of 2 × 3 promises by rows, accepts by columns", () => {
    const sizes = [3, 4].map((nodes) => {
      const quorums = majorityQuorums(names(nodes));
      return Math.min(
        ...allSets(quorums)
          .filter((set) => quorums.isPhase2Quorum(set))
          .map(sizeOf),
      );
    });
    expect(sizes).toEqual([2, 3]);
    const quorums = gridQuorums([
      ["a", "b", "c"],
      ["d", "e", "f"],
    ]);
    const setOf = (...members: string[]): NodeSet =>
      members.reduce((set, node) => withNode(set, quorums.nodes, node), 0);
    expect(quorums.isPhase1Quorum(setOf("d", "e", "f"))).toBe(true);
    expect(quorums.isPhase1Quorum(setOf("a", "b", "e", "f"))).toBe(false);
    expect(quorums.isPhase2Quorum(setOf("b", "e"))).toBe(true);
    expect(quorums.isPhase2Quorum(setOf("a", "b", "c"))).toBe(false);
  });

  it("quorums of one's own that can miss each other are found, and named", () => {
    const anyOne = (set: NodeSet): boolean => set !== 0;
    const own = { nodes: names(3), isPhase1Quorum: anyOne, isPhase2Quorum: anyOne };
    expect(() => requireIntersection(own)).toThrow(/the phase-1 quorum of n1 misses .* n2, n3/);
    fc.assert(
      fc.property(anySystem, (quorums) => {
        expect(() => requireIntersection(quorums)).not.toThrow();
      }),
    );
  });

  it.each([
    ["no nodes", () => majorityQuorums([])],
    ["a name twice", () => majorityQuorums(["a", "a"])],
    ["32 nodes", () => majorityQuorums(names(32))],
    ["rows of different lengths", () => gridQuorums([["a"], ["b", "c"]])],
    ["no weight at all", () => weightedQuorums({ a: 0 })],
    ["half a weight", () => weightedQuorums({ a: 0.5 })],
    ["a quorum of nobody", () => flexibleQuorums(names(3), { phase1: 3, phase2: 0 })],
  ])("%s is refused", (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: "invalid-option" }));
  });

  it("31 nodes fit into a set", () => {
    const quorums = majorityQuorums(names(31));
    const set = quorums.nodes
      .slice(15)
      .reduce((all, node) => withNode(all, quorums.nodes, node), 0);
    expect([sizeOf(set), quorums.isPhase1Quorum(set)]).toEqual([16, true]);
  });
});
