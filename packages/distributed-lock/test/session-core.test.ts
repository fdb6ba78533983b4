import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SessionCore } from "../src/core/session-core.ts";

const TIMES = { ttlMs: 3_000, lockDelayMs: 0, maxClockDrift: 0 };

describe("SessionCore", () => {
  it("ends before the store can end it, whatever is lost, late or failed", () => {
    const step = fc.record({
      afterMs: fc.integer({ min: 1, max: 1_500 }),
      reachesStoreMs: fc.option(fc.nat(800), { nil: undefined }),
      answeredMs: fc.option(fc.nat(800), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        // The naive store: what it last heard, and when.
        let storeEndsMs = 3_000;
        let nowMs = 0;
        const core = new SessionCore(TIMES, 0, 3_000);
        const answers: { readonly atMs: number; readonly sentAtMs: number }[] = [];
        for (const { afterMs, reachesStoreMs, answeredMs } of steps) {
          nowMs += afterMs;
          for (const { atMs, sentAtMs } of answers.splice(0)) {
            if (atMs <= nowMs) core.renewed(sentAtMs, 3_000, nowMs);
            else answers.push({ atMs, sentAtMs });
          }
          const effects = core.tick(nowMs);
          if (core.state !== "ended") expect(nowMs).toBeLessThan(storeEndsMs);
          expect(core.validUntilMs).toBeLessThanOrEqual(storeEndsMs);
          if (!effects.includes("renew")) continue;
          if (reachesStoreMs === undefined) core.failed(nowMs);
          else if (nowMs + reachesStoreMs < storeEndsMs) {
            storeEndsMs = nowMs + reachesStoreMs + 3_000;
            if (answeredMs === undefined) continue;
            answers.push({ atMs: nowMs + reachesStoreMs + answeredMs, sentAtMs: nowMs });
          }
        }
      }),
    );
  });

  it("never comes back, whatever is answered later", () => {
    const core = new SessionCore(TIMES, 0, 3_000);
    expect(core.tick(3_000)).toEqual(["ended"]);
    expect(core.renewed(2_900, 3_000, 3_001)).toEqual([]);
    expect([core.state, core.cause]).toEqual(["ended", "unreachable"]);
    expect(core.refused()).toEqual([]);
    expect(core.nextMs).toBe(Infinity);
  });

  it("an answer that is looked at after the deadline ends it, though no timer has fired", () => {
    const core = new SessionCore(TIMES, 0, 3_000);
    expect(core.renewed(1_000, 3_000, 3_500)).toEqual(["ended"]);
  });

  it("a clock that may run wrong by a tenth, and a lock-delay, shorten what the store granted", () => {
    const times = { ttlMs: 3_000, lockDelayMs: 1_000, maxClockDrift: 0.1 };
    expect(new SessionCore(times, 50, 4_000).validUntilMs).toBe(50 + 2_700);
    expect(new SessionCore(times, 50, 9_000).validUntilMs).toBe(50 + 2_700);
    expect(new SessionCore(times, 50, 2_000).validUntilMs).toBe(50 + 900);
  });

  it("is renewed each third of its time, and more often in jeopardy", () => {
    const core = new SessionCore(TIMES, 0, 3_000);
    const events: string[] = [];
    while (core.state !== "ended") {
      const nowMs = core.nextMs;
      for (const effect of core.tick(nowMs)) events.push(`${effect} ${nowMs}`);
    }
    expect(events).toEqual([
      "renew 1000",
      "jeopardy 2000",
      "renew 2000",
      "renew 2250",
      "renew 2500",
      "renew 2750",
      "ended 3000",
    ]);
  });
});
