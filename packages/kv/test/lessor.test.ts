import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lessor } from "../src/lease/lessor.ts";

type Step =
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "grant"; readonly id: number; readonly ttlSeconds: number }
  | { readonly kind: "keepAlive" | "revoke"; readonly id: number }
  | { readonly kind: "promote" | "demote" };

const id = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(4_000) }),
  fc.record({
    kind: fc.constant("grant" as const),
    id,
    ttlSeconds: fc.integer({ min: 1, max: 9 }),
  }),
  fc.record({ kind: fc.constantFrom("keepAlive" as const, "revoke" as const), id }),
  fc.record({ kind: fc.constantFrom("promote" as const, "demote" as const) }),
);

describe("Lessor", () => {
  it("tells exactly the leases whose time is over, as a plain table of deadlines does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const lessor = new Lessor();
        const ttls = new Map<number, number>();
        let deadlines: Map<number, number> | undefined;
        const told = new Map<number, number>();
        let nowMs = 0;
        for (const each of steps) {
          if (each.kind === "wait") nowMs += each.ms;
          if (each.kind === "promote") {
            lessor.promote(
              [...ttls].map(([lease, ttlSeconds]) => ({ id: lease, ttlSeconds })),
              nowMs,
            );
            deadlines = new Map([...ttls].map(([lease, ttl]) => [lease, nowMs + ttl * 1_000]));
          }
          if (each.kind === "demote") {
            lessor.demote();
            deadlines = undefined;
          }
          if (each.kind === "grant" && !ttls.has(each.id)) {
            ttls.set(each.id, each.ttlSeconds);
            lessor.granted(each, nowMs);
            deadlines?.set(each.id, nowMs + each.ttlSeconds * 1_000);
          }
          if (each.kind === "revoke") {
            ttls.delete(each.id);
            lessor.revoked(each.id);
            deadlines?.delete(each.id);
          }
          if (each.kind === "keepAlive") {
            const deadline = deadlines?.get(each.id);
            const renewal = lessor.keepAlive(each.id, nowMs, nowMs);
            if (!deadlines) expect(renewal).toBe("not-leading");
            else if (deadline === undefined) expect(renewal).toBe("not-found");
            else if (deadline <= nowMs) expect(renewal).toBe("expired");
            else {
              expect(renewal).toBe(ttls.get(each.id));
              deadlines.set(each.id, nowMs + ttls.get(each.id)! * 1_000);
            }
          }
          const over = [...(deadlines ?? [])].filter(([, at]) => at <= nowMs);
          for (const lease of over) expect(lessor.remainingMs(lease[0], nowMs)).toBe(0);
          if (each.kind === "promote") told.clear();
          if (each.kind === "grant" || each.kind === "revoke") {
            if (!over.some(([lease]) => lease === each.id)) told.delete(each.id);
          }
          const expected = over.filter(([lease]) => nowMs - (told.get(lease) ?? -3_000) >= 3_000);
          const due = lessor.due(nowMs, Infinity);
          expect(due.length).toBe(expected.length);
          expect(new Set(due)).toEqual(new Set(expected.map(([lease]) => lease)));
          for (const lease of due) told.set(lease, nowMs);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("tells a lease that falls due at its time, not before, and again after three seconds", () => {
    const lessor = new Lessor();
    lessor.promote([{ id: 1, ttlSeconds: 5 }], 1_000);
    expect(lessor.nextMs).toBe(6_000);
    expect(lessor.due(5_999, 10)).toEqual([]);
    expect(lessor.due(6_000, 10)).toEqual([1]);
    expect(lessor.due(8_999, 10)).toEqual([]);
    expect(lessor.due(9_000, 10)).toEqual([1]);
    lessor.revoked(1);
    expect(lessor.due(60_000, 10)).toEqual([]);
    expect(lessor.nextMs).toBeUndefined();
  });

  it("a new leader gives every lease its full time", () => {
    const lessor = new Lessor();
    lessor.promote([{ id: 1, ttlSeconds: 5 }], 0);
    lessor.demote();
    expect(lessor.due(10_000, 10)).toEqual([]);
    expect(lessor.remainingMs(1, 10_000)).toBeUndefined();
    lessor.promote([{ id: 1, ttlSeconds: 5 }], 10_000);
    expect(lessor.remainingMs(1, 10_000)).toBe(5_000);
  });

  it("tells no more than asked for, the earliest first, and the rest the next time", () => {
    const lessor = new Lessor();
    lessor.promote(
      [3, 1, 2].map((each) => ({ id: each, ttlSeconds: each })),
      0,
    );
    expect(lessor.due(9_000, 2)).toEqual([1, 2]);
    expect(lessor.due(9_000, 2)).toEqual([3]);
  });

  it("a keep-alive counts from when it was asked for, and never shortens", () => {
    const lessor = new Lessor();
    lessor.promote([{ id: 1, ttlSeconds: 5 }], 0);
    expect(lessor.keepAlive(1, 1_000, 2_000)).toBe(5);
    expect(lessor.remainingMs(1, 2_000)).toBe(4_000);
    lessor.keepAlive(1, 0, 2_000);
    expect(lessor.remainingMs(1, 2_000)).toBe(4_000);
  });
});
