import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  createLoadBalancer,
  type Endpoint,
  type LoadBalancer,
  type LoadBalancerOptions,
  type Outcome,
  SUCCESS,
} from "../src/index.ts";

const HOUR_MS = 3_600_000;
const UPGRADED: Outcome = { kind: "success", upgraded: true };

function made(options: Partial<LoadBalancerOptions> = {}): {
  balancer: LoadBalancer;
  clock: VirtualClock;
} {
  const clock = new VirtualClock();
  const endpoints = ["a", "b"].map((id): Endpoint => ({ id, host: "127.0.0.1", port: 80 }));
  const random = seededRandom(5);
  return { balancer: createLoadBalancer({ endpoints, ...options }, { clock, random }), clock };
}

/** What the policy expects of each, by id. */
function expected(balancer: LoadBalancer): Record<string, number | undefined> {
  return Object.fromEntries(
    balancer.endpoints.map(({ endpoint, latencyMs }) => [endpoint.id, latencyMs]),
  );
}

describe("what a policy learns from an answer that lasts", () => {
  it.each(["adaptive", "peak-ewma", "least-response-time"] as const)(
    "%s: a WebSocket of an hour is in flight for an hour, and teaches no latency",
    async (policy) => {
      const { balancer, clock } = made({ policy });
      const socket = balancer.pick();
      await clock.advance(20);
      socket.firstByte?.();
      await clock.advance(HOUR_MS);
      const { id } = socket.endpoint;
      expect(balancer.endpoints.find(({ endpoint }) => endpoint.id === id)?.inFlight).toBe(1);
      socket.done(UPGRADED);
      expect(expected(balancer)).toEqual({ a: undefined, b: undefined });
      const metrics = balancer.metrics().endpoints.find((one) => one.id === id);
      expect(metrics).toMatchObject({ successes: 1, latency: { maxMs: 20 } });
    },
  );

  it.each(["adaptive", "peak-ewma", "least-response-time"] as const)(
    "%s: a stream counts with the time to its first byte; its length is in the metrics",
    async (policy) => {
      const { balancer, clock } = made({ policy });
      const stream = balancer.pick();
      await clock.advance(20);
      stream.firstByte?.();
      await clock.advance(1_000);
      stream.done(SUCCESS);
      const { id } = stream.endpoint;
      expect(expected(balancer)[id]).toBe(20);
      const metrics = balancer.metrics().endpoints.find((one) => one.id === id);
      expect(metrics?.transmission.maxMs).toBe(1_000);
    },
  );

  it("a stream that breaks off counts with all its time, times the penalty", async () => {
    const { balancer, clock } = made();
    const stream = balancer.pick();
    await clock.advance(20);
    stream.firstByte?.();
    await clock.advance(80);
    stream.done({ kind: "failure", reason: "reset" });
    expect(expected(balancer)[stream.endpoint.id]).toBe(1_000);
  });

  it("execute does not hedge what is being answered", async () => {
    const { balancer, clock } = made({ hedge: { percentile: 50 } });
    for (let at = 0; at < 30; at++) {
      const pick = balancer.pick();
      await clock.advance(10);
      pick.done(SUCCESS);
    }
    let calls = 0;
    let finish: (value: string) => void = () => undefined;
    const running = balancer.execute(
      (pick) => {
        calls++;
        pick.firstByte?.();
        return new Promise<string>((resolve) => (finish = resolve));
      },
      { idempotent: true },
    );
    await clock.advance(1_000);
    finish("long, but here");
    expect(await running).toBe("long, but here");
    expect({ calls, hedges: balancer.metrics().hedges }).toEqual({ calls: 1, hedges: 0 });
  });
});

describe("snapshots that go wrong", () => {
  const a: Endpoint = { id: "a", host: "127.0.0.1", port: 80 };

  it("a bad one, or an end by an error, changes nothing and is explained", async () => {
    let next: (give: () => readonly Endpoint[]) => void = () => undefined;
    async function* snapshots(): AsyncGenerator<readonly Endpoint[]> {
      yield [a];
      for (;;)
        yield (await new Promise<() => readonly Endpoint[]>((resolve) => (next = resolve)))();
    }
    const { balancer, clock } = made({ endpoints: snapshots() });
    await balancer.start();
    await clock.advance(1);
    next(() => [a, a]);
    await clock.advance(1);
    expect(balancer.explain()[0]).toMatch(/^the latest snapshot is not used: .*two endpoints/);
    next(() => [a]);
    await clock.advance(1);
    expect(balancer.explain()).toEqual([]);
    next(() => {
      throw new Error("the registry is gone");
    });
    await clock.advance(1);
    expect(balancer.explain()).toEqual(["no more snapshots come: Error: the registry is gone"]);
    expect(balancer.pick().endpoint.id).toBe("a");
    await balancer.stop();
  });
});
