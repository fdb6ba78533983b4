import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  CANCELLED,
  createLoadBalancer,
  type LoadBalancer,
  type Outcome,
  type Pick,
  SUCCESS,
} from "../src/index.ts";

const FAILURE: Outcome = { kind: "failure", reason: "reset" };
const LIMITS = { initialLimit: 10, minLimit: 4, maxLimit: 40 };

function adaptive(): { balancer: LoadBalancer; clock: VirtualClock } {
  const clock = new VirtualClock();
  const endpoints = [{ id: "a", host: "127.0.0.1", port: 80 }];
  const options = { endpoints, concurrency: { adaptive: LIMITS }, outlierDetection: false };
  return {
    balancer: createLoadBalancer({ ...options, outlierDetection: false }, { clock }),
    clock,
  };
}

/** All that the limit allows at once, each answered after `latencyMs`. */
async function round(
  balancer: LoadBalancer,
  clock: VirtualClock,
  latencyMs: number,
  end: (pick: Pick) => void = (pick) => pick.done(SUCCESS),
): Promise<number> {
  const picks: Pick[] = [];
  for (;;) {
    try {
      picks.push(balancer.pick());
    } catch {
      break;
    }
  }
  await clock.advance(latencyMs);
  for (const pick of picks) end(pick);
  return picks.length;
}

describe("the adaptive concurrency limit (gradient2)", () => {
  it("grows while latency stays, as far as its maximum; one more is overloaded", async () => {
    const { balancer, clock } = adaptive();
    expect(await round(balancer, clock, 10)).toBe(10);
    for (let at = 0; at < 20; at++) await round(balancer, clock, 10);
    expect(await round(balancer, clock, 10)).toBe(40);
    expect(balancer.metrics()).toMatchObject({ concurrencyLimit: 40, inFlight: 0, overloaded: 22 });
  });

  it("shrinks as latency rises, as far as its minimum, and recovers", async () => {
    const { balancer, clock } = adaptive();
    for (let at = 0; at < 20; at++) await round(balancer, clock, 10);
    let least = Infinity;
    for (let at = 0; at < 12; at++) least = Math.min(least, await round(balancer, clock, 200));
    expect(least).toBeLessThan(15);
    for (let at = 0; at < 60; at++) await round(balancer, clock, 10);
    expect(balancer.metrics().concurrencyLimit).toBe(40);
  });

  it("is not used, so it does not grow", async () => {
    const { balancer, clock } = adaptive();
    for (let at = 0; at < 200; at++) {
      const pick = balancer.pick();
      await clock.advance(10);
      pick.done(SUCCESS);
    }
    expect(balancer.metrics().concurrencyLimit).toBe(10);
  });

  it("goes by answers only: failures, cancelled requests and upgrades say nothing of the load", async () => {
    for (const outcome of [FAILURE, CANCELLED, { kind: "success", upgraded: true }] as const) {
      const { balancer, clock } = adaptive();
      for (let at = 0; at < 20; at++) {
        await round(balancer, clock, 10, (pick) => pick.done(outcome));
      }
      expect(balancer.metrics().concurrencyLimit).toBe(10);
    }
  });

  it("who waits gets the place that an end, or a higher limit, makes", async () => {
    const { balancer, clock } = adaptive();
    const picks = Array.from({ length: 10 }, () => balancer.pick());
    const waiting = [balancer.acquire(), balancer.acquire()];
    expect(balancer.metrics().pending).toBe(2);
    await clock.advance(10);
    for (const pick of picks.splice(0, 2)) pick.done(SUCCESS);
    picks.push(...(await Promise.all(waiting)));
    expect(balancer.metrics()).toMatchObject({ pending: 0, inFlight: 10, concurrencyLimit: 11 });
    picks.push(balancer.pick());
    for (const pick of picks) pick.done(SUCCESS);
    expect(balancer.metrics().inFlight).toBe(0);
  });
});
