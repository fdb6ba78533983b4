import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Blockers, Role } from "../src/index.ts";
import { type Spot, type Step, StorePair } from "./store-pair.ts";

const session = fc.nat(3);
const spot: fc.Arbitrary<Spot> = fc.record({
  queue: fc.constantFrom("a", "b"),
  session,
  number: fc.nat(2),
  role: fc.constantFrom<Role>("exclusive", "shared"),
});
const blockers: fc.Arbitrary<Blockers> = fc.record({
  roles: fc.constantFrom("any", "exclusive"),
  limit: fc.nat(3),
});
const of = <O extends Step["op"]>(op: O): fc.Arbitrary<O> => fc.constant(op);
const join = fc.record({ op: of("join"), spot, blockers });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ op: of("open"), ttlMs: fc.integer({ min: 10, max: 90 }) }),
  fc.record({ op: of("keepAlive"), session }),
  fc.record({ op: of("close"), session }),
  { weight: 4, arbitrary: join },
  { weight: 2, arbitrary: fc.record({ op: of("standing"), spot, blockers }) },
  fc.record({ op: of("leave"), spot, how: fc.constantFrom("token", "older", "final") }),
  { weight: 2, arbitrary: fc.record({ op: of("pass"), ms: fc.nat(40) }) },
  fc.record({ op: of("failOver") }),
);

describe("StoreState", () => {
  it("does what one list of contenders does, and tells of each that joins and goes", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const pair = new StorePair();
        pair.take({ op: "open", ttlMs: 50 });
        for (const next of steps) {
          const [ours, naive] = pair.take(next);
          expect(ours).toEqual(naive);
        }
        const [ours, naive] = pair.end();
        expect(ours).toEqual(naive);
      }),
      { numRuns: 300 },
    );
  });
});
