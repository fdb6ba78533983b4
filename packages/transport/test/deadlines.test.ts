import { VirtualClock } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deadline, Deadlines } from "../src/session/deadlines.ts";

const RESOLUTION_MS = 8;

class Recorded extends Deadline {
  readonly #expired: () => void;

  constructor(expired: () => void) {
    super();
    this.#expired = expired;
  }

  override expire(): void {
    this.#expired();
  }
}

describe("Deadlines", () => {
  it("expires each once, never early and at most 8 ms late, save those that were removed", async () => {
    const plans = fc.array(
      fc.record({ afterMs: fc.nat(100), delayMs: fc.nat(300), removedAfterMs: fc.nat(500) }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const clock = new VirtualClock();
        const deadlines = new Deadlines(clock);
        const expected = [];
        const expired: { at: number; dueMs: number }[] = [];
        for (const [at, { afterMs, delayMs, removedAfterMs }] of plan.entries()) {
          await clock.advance(afterMs);
          const dueMs = clock.now() + delayMs;
          const deadline = new Recorded(() => {
            expired.push({ at, dueMs });
            expect(clock.now()).toBeGreaterThanOrEqual(dueMs);
            expect(clock.now()).toBeLessThan(dueMs + RESOLUTION_MS);
          });
          deadlines.add(deadline, delayMs);
          // Within the resolution either order would be right.
          if (removedAfterMs < delayMs) {
            clock.setTimer(removedAfterMs, () => deadlines.remove(deadline));
          } else {
            expected.push(at);
          }
        }
        await clock.advance(1_000);
        expect(expired.map(({ at }) => at).toSorted((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it("removing one that expired or was never added does nothing", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    let expirations = 0;
    const deadline = new Recorded(() => expirations++);
    deadlines.remove(deadline);
    deadlines.add(deadline, 10);
    await clock.advance(20);
    deadlines.remove(deadline);
    await clock.advance(20);
    expect(expirations).toBe(1);
  });

  it("after stop nothing expires", async () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    let expirations = 0;
    deadlines.add(new Recorded(() => expirations++), 10);
    deadlines.stop();
    await clock.advance(1_000);
    expect(expirations).toBe(0);
  });
});
