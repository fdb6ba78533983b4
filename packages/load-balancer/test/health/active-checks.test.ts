import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import type { Endpoint, HealthCheck } from "../../src/index.ts";
import { ActiveChecks } from "../../src/health/active-checks.ts";

function checking(check: HealthCheck): {
  checks: ActiveChecks;
  clock: VirtualClock;
  verdicts: string[];
} {
  const clock = new VirtualClock();
  const verdicts: string[] = [];
  const options = { check, intervalMs: 100, timeoutMs: 50, jitterPercent: 0 };
  const thresholds = { unhealthyThreshold: 2, healthyThreshold: 1 };
  const checks = new ActiveChecks(
    { ...options, ...thresholds },
    clock,
    seededRandom(1),
    ({ id, port }, healthy, reason) => verdicts.push(`${id}:${port} ${healthy}: ${reason}`),
  );
  return { checks, clock, verdicts };
}

const a: Endpoint = { id: "a", host: "127.0.0.1", port: 1 };

describe("active checks", () => {
  it("a check that ignores its signal has failed at its timeout, and the next one follows", async () => {
    let hangs = true;
    let begun = 0;
    const { checks, clock, verdicts } = checking(() => {
      begun++;
      return hangs ? new Promise(() => undefined) : Promise.resolve();
    });
    checks.watch([a]);
    await clock.advance(100 + 50 + 100 + 50);
    expect(begun).toBe(2);
    expect(verdicts).toEqual(["a:1 false: 2 checks failed, the last one: no answer in 50 ms"]);
    hangs = false;
    await clock.advance(100);
    expect(verdicts.at(-1)).toBe("a:1 true: 1 checks succeeded");
    checks.stop();
  });

  it("what a late check finds is nobody's: neither a verdict nor an unhandled rejection", async () => {
    const late: ((error: Error) => void)[] = [];
    const { checks, clock, verdicts } = checking(
      () => new Promise((_resolve, reject) => late.push(reject)),
    );
    checks.watch([a]);
    await clock.advance(160);
    for (const reject of late) reject(new Error("at last"));
    await clock.advance(1);
    expect(verdicts).toEqual([]);
    checks.stop();
  });

  it("a check that throws at once, or no Error at all, has failed with what it threw", async () => {
    const { checks, clock, verdicts } = checking(() => {
      throw "not even an Error";
    });
    checks.watch([a]);
    await clock.advance(250);
    expect(verdicts[0]).toBe("a:1 false: 2 checks failed, the last one: not even an Error");
    checks.stop();
  });

  it("an endpoint that has moved is checked where it is now", async () => {
    const asked: number[] = [];
    const { checks, clock } = checking(async ({ port }) => void asked.push(port));
    checks.watch([a]);
    await clock.advance(100);
    checks.watch([{ ...a, port: 2 }]);
    await clock.advance(100);
    expect(asked).toEqual([1, 2]);
    checks.stop();
  });

  it("one that left is told to stop, and gets no verdict", async () => {
    const signals: AbortSignal[] = [];
    const { checks, clock, verdicts } = checking((_endpoint, given) => {
      signals.push(given);
      return new Promise(() => undefined);
    });
    checks.watch([a]);
    while (signals.length === 0) await clock.advance(1);
    expect(signals[0]?.aborted).toBe(false);
    checks.watch([]);
    expect(signals[0]?.aborted).toBe(true);
    await clock.advance(1_000);
    expect(verdicts).toEqual([]);
  });
});
