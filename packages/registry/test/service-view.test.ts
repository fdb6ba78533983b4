import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceView } from "../src/core/service-view.ts";
import type { Instance } from "../src/instance.ts";

const PROTECTION = { share: 0.5, minExpired: 2, windowMs: 30_000, maxMs: 600_000 };
const HOLD_MS = 1_000;

function instance(id: string): Instance {
  return { service: "orders", id, host: "h", port: 1, health: "passing", checks: {} };
}

function viewOf(...ids: readonly string[]): ServiceView {
  const view = new ServiceView(PROTECTION, HOLD_MS);
  view.reset(ids.map(instance), 0);
  return view;
}

/** Those that are told; the expired ones in brackets. */
function told(view: ServiceView, nowMs: number): string[] {
  return view.instances(nowMs).map(({ id, isExpired }) => (isExpired ? `(${id})` : id));
}

describe("who is there, as far as a watch can tell", () => {
  it("an instance that takes its leave goes at once", () => {
    const view = viewOf("a", "b");
    view.leave("a");
    view.expire("a", 0); // its key is deleted, too
    expect(told(view, 0)).toEqual(["b"]);
    expect(view.nextChangeMs(0)).toBeUndefined();
  });

  it("one whose lease runs out stays for a moment, marked, and then goes", () => {
    const view = viewOf("a", "b", "c");
    view.expire("a", 100);
    expect(told(view, 100)).toEqual(["(a)", "b", "c"]);
    expect(view.nextChangeMs(100)).toBe(1_100);
    expect(told(view, 1_100)).toEqual(["b", "c"]);
    expect(view.isProtected).toBe(false);
  });

  it("when more than half expire at once the last known set is kept, and it says so", () => {
    const view = viewOf("a", "b", "c", "d");
    for (const [at, id] of ["a", "b", "c"].entries()) view.expire(id, at);
    expect(told(view, 5_000)).toEqual(["(a)", "(b)", "(c)", "d"]);
    expect(view.isProtected).toBe(true);
  });

  it("one that went moments ago is back when protection begins", () => {
    const view = viewOf("a", "b", "c");
    view.expire("a", 0);
    expect(told(view, 2_000)).toEqual(["b", "c"]);
    view.expire("b", 3_000);
    expect(told(view, 3_000)).toEqual(["(a)", "(b)", "c"]);
  });

  it("what goes one by one, over a longer time, is believed", () => {
    const view = viewOf("a", "b", "c");
    view.expire("a", 0);
    told(view, 0);
    view.expire("b", 31_000);
    expect(told(view, 32_000)).toEqual(["c"]);
    expect(view.isProtected).toBe(false);
  });

  it("the death of the only one, or of one of two, is believed", () => {
    const one = viewOf("a");
    one.expire("a", 0);
    expect(told(one, 1_000)).toEqual([]);
    const two = viewOf("a", "b");
    two.expire("b", 0);
    expect(told(two, 1_000)).toEqual(["a"]);
  });

  it("protection ends when enough are back; the others are given up then", () => {
    const view = viewOf("a", "b", "c", "d");
    for (const id of ["a", "b", "c"]) view.expire(id, 0);
    expect(told(view, 9_000)).toEqual(["(a)", "(b)", "(c)", "d"]);
    view.put(instance("a"));
    expect(told(view, 10_000)).toEqual(["a", "d"]);
    expect(view.isProtected).toBe(false);
  });

  it("protection ends after its longest time, whoever is missing", () => {
    const view = viewOf("a", "b");
    view.expire("a", 0);
    view.expire("b", 0);
    expect(told(view, 0)).toEqual(["(a)", "(b)"]);
    expect(view.nextChangeMs(0)).toBe(600_000);
    expect(told(view, 600_000)).toEqual([]);
  });

  it("a new read that misses some takes them for expired, not for having left", () => {
    const view = viewOf("a", "b", "c", "d");
    view.reset([instance("d"), instance("e")], 0);
    expect(told(view, 5_000)).toEqual(["(a)", "(b)", "(c)", "d", "e"]);
  });

  it("without protection whatever expires goes at once", () => {
    const view = new ServiceView(undefined, HOLD_MS);
    view.reset(["a", "b", "c"].map(instance), 0);
    for (const id of ["a", "b", "c"]) view.expire(id, 0);
    expect(told(view, 0)).toEqual([]);
    expect(view.nextChangeMs(0)).toBeUndefined();
  });

  it("whatever happens: who lives is told, who left is not, and an expired one only for a reason", () => {
    const event = fc.record({
      id: fc.constantFrom("a", "b", "c", "d", "e"),
      kind: fc.constantFrom("put", "leave", "expire", "look"),
      afterMs: fc.constantFrom(0, 1, 999, 1_000, 29_000, 40_000, 600_000),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const view = new ServiceView(PROTECTION, HOLD_MS);
        const live = new Set<string>();
        const expired = new Map<string, number>();
        let nowMs = 0;
        for (const { id, kind, afterMs } of events) {
          nowMs += afterMs;
          if (kind === "put") view.put(instance(id));
          if (kind === "leave") view.leave(id);
          if (kind === "expire") view.expire(id, nowMs);
          if (kind === "expire" && live.has(id)) expired.set(id, nowMs);
          if (kind === "put") live.add(id);
          else if (kind !== "look") live.delete(id);
          if (kind === "put" || kind === "leave") expired.delete(id);

          const instances = view.instances(nowMs);
          const ofKind = (isExpired: boolean) =>
            instances.filter((each) => each.isExpired === isExpired).map((each) => each.id);
          expect(ofKind(false)).toEqual([...live].sort());
          const missing = ofKind(true);
          for (const gone of missing) {
            const sinceMs = expired.get(gone);
            expect(sinceMs).toBeDefined();
            expect(view.isProtected || nowMs < sinceMs! + HOLD_MS).toBe(true);
          }
          if (view.isProtected) expect(missing.length).toBeGreaterThan(live.size);
          const isSudden = [...expired.values()].filter((atMs) => atMs === nowMs).length;
          if (isSudden >= 2 && isSudden > live.size) expect(missing.length).toBeGreaterThan(0);
          const nextMs = view.nextChangeMs(nowMs);
          if (nextMs !== undefined) expect(nextMs).toBeGreaterThan(nowMs);
          else expect(missing).toEqual([]);
        }
      }),
    );
  });
});
