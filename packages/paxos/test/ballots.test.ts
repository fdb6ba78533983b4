import { seededRandom } from "@quorate/runtime";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Ballot,
  BallotSource,
  born,
  compareBallots,
  higherBallot,
  isSameBallot,
  NO_BALLOT,
  reborn,
} from "../src/index.ts";

const ballot: fc.Arbitrary<Ballot> = fc.record({
  round: fc.integer({ min: 1, max: 4 }),
  node: fc.constantFrom("a", "b", "c"),
  incarnation: fc.integer({ min: 1, max: 3 }),
});

describe("ballots", () => {
  it("are totally ordered, and two that are neither higher nor lower are the same", () => {
    fc.assert(
      fc.property(ballot, ballot, ballot, (a, b, c) => {
        expect(Math.sign(compareBallots(a, b))).toBe(-Math.sign(compareBallots(b, a)) + 0);
        expect(compareBallots(a, b) === 0).toBe(isSameBallot(a, b));
        if (compareBallots(a, b) <= 0 && compareBallots(b, c) <= 0) {
          expect(compareBallots(a, c)).toBeLessThanOrEqual(0);
        }
        expect(compareBallots(higherBallot(a, b), a)).toBeGreaterThanOrEqual(0);
        expect(compareBallots(a, NO_BALLOT)).toBeGreaterThan(0);
      }),
    );
  });

  it("B1, paxos.md 1: no two are the same, over restarts and observed ballots", () => {
    const life = fc.array(fc.option(ballot), { maxLength: 10 });
    fc.assert(
      fc.property(fc.array(life, { maxLength: 5 }), fc.integer(), (lives, seed) => {
        const given = new Set<string>();
        for (const node of ["a", "b"]) {
          let identity = born(node, true, seededRandom(`${seed}/${node}`));
          for (const observed of lives) {
            const source = new BallotSource(identity);
            let last = NO_BALLOT;
            for (const other of observed) {
              if (other) source.observe(other);
              const next = source.next();
              expect(compareBallots(next, last)).toBeGreaterThan(0);
              if (other) expect(compareBallots(next, other)).toBeGreaterThan(0);
              const key = `${next.round} ${next.node} ${next.incarnation}`;
              expect(given.has(key)).toBe(false);
              given.add(key);
              last = next;
            }
            identity = reborn(identity);
          }
        }
      }),
    );
  });

  it("paxos.md 8: whoever lost its data is born anew, does not vote, and reuses no incarnation", () => {
    const random = seededRandom("births");
    const first = born("a", true, random);
    const second = born("a", false, random);
    expect([first.votes, second.votes, reborn(second).votes]).toEqual([true, false, false]);
    expect(Math.abs(second.birth - first.birth)).toBeGreaterThan(1_000_000);
    expect(reborn(first)).toEqual({ ...first, incarnation: first.incarnation + 1 });
  });
});
