import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assigned } from "../../../src/connectors/kafka/tasks/assignment.ts";

const members = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 8 });
const partitions = fc.integer({ min: 1, max: 64 });

describe("assigned", () => {
  it("gives each partition to one member, and none has two more than another", () => {
    fc.assert(
      fc.property(members, partitions, (ids, count) => {
        const shares = [...assigned(ids, count).values()];
        const all = shares.flat().toSorted((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: count }, (_, at) => at));
        const sizes = shares.map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("does not depend on the order in which members are known", () => {
    fc.assert(
      fc.property(members, partitions, (ids, count) => {
        const one = assigned(ids.toSorted(), count);
        const other = assigned(ids.toSorted().toReversed(), count);
        for (const id of ids) expect(one.get(id)).toEqual(other.get(id));
      }),
    );
  });

  it("when one of three leaves, most of what the others have stays where it is", () => {
    let kept = 0;
    let all = 0;
    for (let group = 0; group < 100; group++) {
      const three = [0, 1, 2].map((member) => `member ${member} of ${group}`);
      const before = assigned(three, 30);
      const after = assigned(three.slice(0, 2), 30);
      for (const id of three.slice(0, 2)) {
        const share = before.get(id) ?? [];
        all += share.length;
        kept += share.filter((partition) => after.get(id)?.includes(partition)).length;
      }
    }
    expect(kept / all).toBeGreaterThan(0.7);
  });
});
