import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_BALLOT } from "../src/index.ts";
import { Attempts } from "../src/register/core/attempts.ts";
import { type Cell, type Mark, MAX_MARKS, written } from "../src/register/core/cell.ts";
import { everybodyOf, quorumsOf } from "../src/register/core/config-quorums.ts";
import { nodesOf, type RegisterConfig } from "../src/register/core/register-config.ts";
import { parseVersion, showVersion } from "../src/register/core/version.ts";

const OWN = 1_000;
const VALUE = new Uint8Array(1);

describe("what became of an attempt (paxos.md, 15)", () => {
  // A second implementation: the whole history of the key, which nobody keeps.
  const others = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 30 });

  it("is never told wrong, and is known whenever fewer writers than MAX_MARKS came after it", () => {
    fc.assert(
      fc.property(others, others, fc.boolean(), (before, after, isChosen) => {
        let sequence = 0;
        const step = (cell: Cell | undefined, incarnation: number): Cell =>
          written(cell, VALUE, { incarnation, sequence: ++sequence }, 0);
        const base = before.reduce<Cell | undefined>(step, undefined);
        const attempts = new Attempts<string>(OWN);
        const own = ++sequence;
        attempts.add(base, 5, own, "done");
        const mark: Mark = { incarnation: OWN, sequence: own };
        const begun = isChosen ? written(base, VALUE, mark, 0) : base;
        const trace = attempts.trace(after.reduce<Cell | undefined>(step, begun), 0);
        if (trace.kind === "applied") expect(isChosen).toBe(true);
        if (trace.kind === "none") expect(isChosen).toBe(false);
        if (trace.kind === "lost-track") {
          expect(new Set(after).size).toBeGreaterThanOrEqual(MAX_MARKS);
        }
      }),
    );
  });

  it("is not known where the key was forgotten in between", () => {
    const attempts = new Attempts<string>(OWN);
    attempts.add(undefined, 5, 1, "done");
    expect(attempts.trace(undefined, 4).kind).toBe("none");
    expect(attempts.trace(undefined, 5).kind).toBe("lost-track");
    const anew = written(undefined, VALUE, { incarnation: 7, sequence: 1 }, 6);
    expect(attempts.trace(anew, 0).kind).toBe("lost-track");
  });

  it("a later attempt at the same is told apart from an earlier one", () => {
    const attempts = new Attempts<string>(OWN);
    attempts.add(undefined, 5, 1, "first");
    attempts.add(undefined, 6, 2, "second");
    const cell = written(undefined, VALUE, { incarnation: OWN, sequence: 1 }, 0);
    expect(attempts.trace(cell, 0)).toEqual({ kind: "applied", results: "first" });
  });
});

describe("the quorums of a configuration", () => {
  const names = ["n1", "n2", "n3", "n4", "n5", "n6"];
  const members = fc
    .subarray(names, { minLength: 1, maxLength: 5 })
    .map((some) => some.map((node) => ({ node, birth: 0, joined: 0 })));
  const config = (
    some: RegisterConfig["members"],
    next: RegisterConfig["members"] | undefined,
  ): RegisterConfig => ({ epoch: 0, members: some, next, forgotten: NO_BALLOT });

  it("growing the accept set: whatever is chosen in a step is seen by each promise of the next", () => {
    fc.assert(
      fc.property(members, members, (from, to) => {
        const steps = [config(from, undefined), config(from, to), config(to, undefined)];
        for (const [at, step] of steps.entries()) {
          for (const later of steps.slice(at, at + 2)) {
            // From the first step to the second, and within each, by intersection; from the second to
            // the third, since all keys were written in the second.
            expect(meet(step, later)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("everybody is everybody", () => {
    const quorums = everybodyOf(
      config([{ node: "a", birth: 0, joined: 0 }], [{ node: "b", birth: 1, joined: 0 }]),
    );
    expect([1, 2, 3].map((set) => quorums.isPhase2Quorum(set))).toEqual([false, false, true]);
  });

  /** Looks at all sets: does each phase-1 quorum of `later` have a node of each phase-2 one of `step`? */
  function meet(step: RegisterConfig, later: RegisterConfig): boolean {
    const [writers, readers] = [quorumsOf(step), quorumsOf(later)];
    const [ofWriters, ofReaders] = [nodesOf(step), nodesOf(later)];
    const asReaders = (set: number): number =>
      ofWriters.reduce((sum, node, at) => {
        const other = ofReaders.indexOf(node);
        return set & (1 << at) && other !== -1 ? sum | (1 << other) : sum;
      }, 0);
    const everybody = 2 ** ofReaders.length - 1;
    for (let set = 0; set < 2 ** ofWriters.length; set++) {
      if (!writers.isPhase2Quorum(set)) continue;
      if (readers.isPhase1Quorum(everybody & ~asReaders(set))) return false;
    }
    return true;
  }
});

describe("versions", () => {
  it("come back as they were", () => {
    const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(number, number, (incarnation, sequence) => {
        const mark = { incarnation, sequence };
        expect(parseVersion(showVersion(mark))).toEqual(mark);
      }),
    );
    expect(() => parseVersion("tea")).toThrow(/not a version/);
  });
});
