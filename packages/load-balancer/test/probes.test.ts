import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  createLoadBalancer,
  type Endpoint,
  type LoadBalancer,
  type Probe,
  SUCCESS,
} from "../src/index.ts";

const ids = ["a", "b", "c", "d"];

function prequal(probe: Probe): { balancer: LoadBalancer; clock: VirtualClock } {
  const clock = new VirtualClock();
  const endpoints = ids.map((id): Endpoint => ({ id, host: "127.0.0.1", port: 80 }));
  const balancer = createLoadBalancer(
    { endpoints, policy: "prequal" },
    { clock, probe, random: seededRandom(3) },
  );
  return { balancer, clock };
}

async function picked(balancer: LoadBalancer, clock: VirtualClock): Promise<string> {
  const pick = balancer.pick();
  await clock.advance(5);
  pick.done(SUCCESS);
  return pick.endpoint.id;
}

describe("prequal's probes", () => {
  it("a balancer without a probe cannot be made", () => {
    expect(() => createLoadBalancer({ endpoints: [], policy: "prequal" })).toThrow("needs a probe");
  });

  it("three for each pick, of random endpoints; the pick is the cold one of lowest latency", async () => {
    const asked: Record<string, number> = {};
    const { balancer, clock } = prequal(async ({ id }) => {
      asked[id] = (asked[id] ?? 0) + 1;
      return { inFlight: id === "b" ? 50 : 1, latencyMs: id === "c" ? 2 : 20 };
    });
    const counts: Record<string, number> = {};
    for (let at = 0; at < 200; at++) {
      const id = await picked(balancer, clock);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    expect(Object.keys(asked).toSorted()).toEqual(ids);
    expect(Object.values(asked).reduce((sum, count) => sum + count)).toBe(600);
    expect(counts["c"]).toBeGreaterThan(150);
    expect(counts["b"] ?? 0).toBeLessThan(5);
    await balancer.stop();
  });

  it("who fails its probes is not in the pool, so others are picked", async () => {
    const { balancer, clock } = prequal(async ({ id }) => {
      if (id === "a") throw new Error("gone");
      return { inFlight: 1, latencyMs: 10 };
    });
    const late: string[] = [];
    for (let at = 0; at < 100; at++) {
      const id = await picked(balancer, clock);
      if (at >= 10) late.push(id);
    }
    expect(late).not.toContain("a");
    await balancer.stop();
  });

  it("at most 64 at once; one that ignores its signal gives up its place after a second", async () => {
    let asked = 0;
    const { balancer, clock } = prequal(() => {
      asked++;
      return new Promise(() => undefined);
    });
    for (let at = 0; at < 50; at++) balancer.pick().done(SUCCESS);
    expect(asked).toBe(64);
    await clock.advance(999);
    balancer.pick().done(SUCCESS);
    expect(asked).toBe(64);
    await clock.advance(2);
    balancer.pick().done(SUCCESS);
    expect(asked).toBe(67);
    await balancer.stop();
  });

  it("stop aborts those under way; a late answer for an endpoint that left goes nowhere", async () => {
    const signals: AbortSignal[] = [];
    const answers: (() => void)[] = [];
    const { balancer, clock } = prequal((_endpoint, signal) => {
      signals.push(signal);
      return new Promise((resolve) => answers.push(() => resolve({ inFlight: 0, latencyMs: 1 })));
    });
    balancer.pick().done(SUCCESS);
    balancer.update([{ id: "new", host: "127.0.0.1", port: 80 }]);
    for (const answer of answers) answer();
    await clock.advance(1);
    expect(balancer.pick().endpoint.id).toBe("new");
    expect(signals).toHaveLength(6);
    await balancer.stop();
    expect(signals.slice(3).every((signal) => signal.aborted)).toBe(true);
  });
});
