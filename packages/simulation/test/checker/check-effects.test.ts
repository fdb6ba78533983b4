import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEffects } from "../../src/checker/index.ts";

describe("checkEffects", () => {
  it("names what is lost, duplicated and unexpected", () => {
    const report = checkEffects({
      acknowledged: ["a", "b", "c"],
      rejected: ["d", "e"],
      unknown: ["f", "g"],
      found: ["c", "d", "b", "c", "f", "x", "c"],
    });
    expect(report).toEqual({
      ok: false,
      lost: ["a"],
      duplicated: ["c"],
      unexpected: ["d", "x"],
      unknownDone: 1,
    });
  });

  it("what is unknown may be there or not, but not twice", () => {
    const none = { acknowledged: [], rejected: [], unknown: [1] };
    expect(checkEffects({ ...none, found: [] })).toMatchObject({ ok: true, unknownDone: 0 });
    expect(checkEffects({ ...none, found: [1] })).toMatchObject({ ok: true, unknownDone: 1 });
    expect(checkEffects({ ...none, found: [1, 1] })).toMatchObject({ ok: false, duplicated: [1] });
  });

  it("one attempt that was acknowledged outweighs others that were not", () => {
    const effects = { acknowledged: [1], rejected: [1], unknown: [1] };
    expect(checkEffects({ ...effects, found: [1] })).toMatchObject({ ok: true, unknownDone: 0 });
    expect(checkEffects({ ...effects, found: [] })).toMatchObject({ lost: [1] });
  });

  it("agrees with counting each effect by itself", () => {
    const some = fc.array(fc.nat(9));
    const effects = fc.record({ acknowledged: some, rejected: some, unknown: some, found: some });
    fc.assert(
      fc.property(effects, ({ acknowledged, rejected, unknown, found }) => {
        const report = checkEffects({ acknowledged, rejected, unknown, found });
        for (let effect = 0; effect < 10; effect++) {
          const times = found.filter((each) => each === effect).length;
          const isDone = acknowledged.includes(effect);
          const mayBe = isDone || unknown.includes(effect);
          expect(report.lost.includes(effect)).toBe(isDone && times === 0);
          expect(report.duplicated.includes(effect)).toBe(times > 1);
          expect(report.unexpected.includes(effect)).toBe(!mayBe && times > 0);
        }
      }),
    );
  });
});
