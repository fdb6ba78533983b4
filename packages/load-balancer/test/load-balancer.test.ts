import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  CANCELLED,
  createLoadBalancer,
  type Endpoint,
  type HealthEvent,
  type LoadBalancer,
  LoadBalancerError,
  type LoadBalancerOptions,
  type Outcome,
  SUCCESS,
} from "../src/index.ts";

const FAILURE: Outcome = { kind: "failure", reason: "status", status: 500 };

function endpoint(id: string, more: Partial<Endpoint> = {}): Endpoint {
  return { id, host: "127.0.0.1", port: 80, ...more };
}

function made(
  endpoints: LoadBalancerOptions["endpoints"],
  options: Partial<LoadBalancerOptions> = {},
): { balancer: LoadBalancer; clock: VirtualClock; events: HealthEvent[] } {
  const clock = new VirtualClock();
  const random = seededRandom(7);
  const balancer = createLoadBalancer({ endpoints, ...options }, { clock, random });
  const events: HealthEvent[] = [];
  balancer.onChange((event) => void events.push(event));
  return { balancer, clock, events };
}

function shares(balancer: LoadBalancer, count = 1_000): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < count; at++) {
    const pick = balancer.pick();
    counts[pick.endpoint.id] = (counts[pick.endpoint.id] ?? 0) + 1;
    pick.done(SUCCESS);
  }
  return counts;
}

function fail(balancer: LoadBalancer, id: string, times: number): void {
  for (let at = 0; at < times; at++) {
    const pick = balancer.pick({ affinity: id });
    expect(pick.endpoint.id).toBe(id);
    pick.done(FAILURE);
  }
}

describe("picks", () => {
  it("done counts once, whatever comes later", () => {
    const { balancer } = made([endpoint("a")]);
    const pick = balancer.pick();
    expect(balancer.endpoints[0]?.inFlight).toBe(1);
    pick.done(SUCCESS);
    pick.done(FAILURE);
    expect(balancer.endpoints[0]?.inFlight).toBe(0);
    expect(balancer.metrics().endpoints[0]).toMatchObject({ successes: 1, failures: 0 });
  });

  it("no endpoint: no-endpoints; after stop: stopped", async () => {
    const { balancer } = made([]);
    expect(() => balancer.pick()).toThrow(expect.objectContaining({ code: "no-endpoints" }));
    await balancer.stop();
    expect(() => balancer.pick()).toThrow(expect.objectContaining({ code: "stopped" }));
  });

  it("affinity: the session's endpoint as long as it is healthy and not tried", () => {
    const { balancer } = made([endpoint("a"), endpoint("b"), endpoint("c")]);
    for (let at = 0; at < 20; at++) {
      expect(balancer.pick({ affinity: "b" }).endpoint.id).toBe("b");
    }
    const retried = balancer.pick({ affinity: "b", exclude: new Set(["b"]) });
    expect(retried.endpoint.id).not.toBe("b");
    expect(balancer.pick({ affinity: "gone" }).endpoint.id).toMatch(/a|b|c/);
  });

  it("exclude: another endpoint as long as there is one", () => {
    const { balancer } = made([endpoint("a"), endpoint("b")], { policy: "round-robin" });
    for (let at = 0; at < 20; at++) {
      expect(balancer.pick({ exclude: new Set(["a"]) }).endpoint.id).toBe("b");
    }
    expect(balancer.pick({ exclude: new Set(["a", "b"]) }).endpoint.id).toMatch(/a|b/);
  });
});

describe("snapshots", () => {
  it("what left drains: no more picks, removed with its last request", () => {
    const { balancer, events } = made([endpoint("a"), endpoint("b")], { policy: "round-robin" });
    const open = [balancer.pick(), balancer.pick()].find((pick) => pick.endpoint.id === "a");
    balancer.update([endpoint("b")]);
    expect(shares(balancer, 50)).toEqual({ b: 50 });
    expect(balancer.endpoints.map(({ state }) => state)).toEqual(["draining", "healthy"]);
    expect(balancer.explain()).toEqual(["a drains: 1 requests are left"]);
    open?.done(SUCCESS);
    expect(events.map(({ type }) => type)).toEqual(["draining", "removed"]);
    expect(balancer.endpoints).toHaveLength(1);
  });

  it("an id that comes back while it drains is a new endpoint", () => {
    const { balancer } = made([endpoint("a")]);
    const open = balancer.pick();
    balancer.update([]);
    balancer.update([endpoint("a")]);
    expect(balancer.endpoints.map(({ state }) => state)).toEqual(["draining", "healthy"]);
    open.done(SUCCESS);
    expect(balancer.endpoints.map(({ state }) => state)).toEqual(["healthy"]);
  });

  it("a bad snapshot changes nothing", () => {
    const { balancer } = made([endpoint("a")]);
    expect(() => balancer.update([endpoint("b"), endpoint("b")])).toThrow(LoadBalancerError);
    expect(() => balancer.update([endpoint("c", { weight: 0 })])).toThrow("weight of c");
    expect(balancer.endpoints.map((status) => status.endpoint.id)).toEqual(["a"]);
  });

  it("any AsyncIterable: start waits for the first snapshot, later ones follow", async () => {
    let publish: (endpoints: readonly Endpoint[]) => void = () => undefined;
    async function* snapshots(): AsyncGenerator<readonly Endpoint[]> {
      yield [endpoint("a")];
      yield await new Promise<readonly Endpoint[]>((resolve) => (publish = resolve));
    }
    const { balancer, clock } = made(snapshots());
    await balancer.start();
    expect(shares(balancer, 5)).toEqual({ a: 5 });
    await clock.advance(1);
    publish([endpoint("b")]);
    await clock.advance(1);
    expect(shares(balancer, 5)).toEqual({ b: 5 });
    await balancer.stop();
  });
});

describe("health", () => {
  const fleet = Array.from({ length: 10 }, (_, at) => endpoint(`e${at}`));

  it("5 consecutive errors eject for 30 s; it comes back by itself, and is told of", async () => {
    const { balancer, clock, events } = made(fleet);
    await balancer.start();
    fail(balancer, "e3", 5);
    expect(events).toMatchObject([{ type: "ejected", reason: "5 consecutive errors" }]);
    expect(balancer.explain()).toEqual(["e3 is ejected for 30000 ms more"]);
    expect(shares(balancer)["e3"]).toBeUndefined();
    await clock.advance(30_001);
    expect(events.map(({ type }) => type)).toEqual(["ejected", "readmitted"]);
    expect(events[1]?.atMs).toBeLessThanOrEqual(30_001);
    expect(balancer.endpoints.every(({ state }) => state === "healthy")).toBe(true);
    await balancer.stop();
  });

  it("active checks: 3 failures in a row make it unhealthy, 2 successes healthy again", async () => {
    const sick = new Set<string>();
    let checks = 0;
    const check = async ({ id }: Endpoint): Promise<void> => {
      checks++;
      if (sick.has(id)) throw new Error("sick");
    };
    const { balancer, clock, events } = made(fleet, {
      healthCheck: { check, intervalMs: 1_000, jitterPercent: 0 },
    });
    await balancer.start();
    sick.add("e1");
    await clock.advance(2_000);
    expect(events).toEqual([]);
    await clock.advance(1_000);
    expect(events).toMatchObject([
      { type: "unhealthy", reason: "3 checks failed, the last one: sick" },
    ]);
    expect(shares(balancer)["e1"]).toBeUndefined();
    sick.clear();
    await clock.advance(3_000);
    expect(events.at(-1)).toMatchObject({ type: "healthy", reason: "2 checks succeeded" });
    await balancer.stop();
    const stoppedAt = checks;
    await clock.advance(10_000);
    expect(checks).toBe(stoppedAt);
  });

  it("a check that takes longer than its timeout has failed", async () => {
    const { balancer, clock, events } = made([endpoint("a")], {
      healthCheck: {
        check: (_endpoint, signal) =>
          new Promise((_resolve, reject) =>
            signal.addEventListener("abort", () => reject(signal.reason as Error)),
          ),
        intervalMs: 100,
        timeoutMs: 50,
        unhealthyThreshold: 1,
      },
    });
    await balancer.start();
    await clock.advance(200);
    expect(events[0]?.reason).toContain("no answer in 50 ms");
    await balancer.stop();
  });

  it("panic: below half healthy, health is ignored; without a threshold there is no endpoint", () => {
    const eject = { outlierDetection: { maxEjectionPercent: 100 } } as const;
    const two = [endpoint("a"), endpoint("b")];
    const panicking = made(two, eject).balancer;
    for (const id of ["a", "b"]) fail(panicking, id, 5);
    expect(Object.keys(shares(panicking)).toSorted()).toEqual(["a", "b"]);
    expect(panicking.metrics().panic).toBe(true);
    const strict = made(two, { ...eject, panicThresholdPercent: 0 }).balancer;
    for (const id of ["a", "b"]) fail(strict, id, 5);
    expect(() => strict.pick()).toThrow(expect.objectContaining({ code: "no-endpoints" }));
  });

  it("priorities: half of P=0 healthy, 70 % stay, 30 % go to P=1 (factor 1.4)", () => {
    const { balancer } = made(
      [0, 0, 1, 1].map((priority, at) => endpoint(`e${at}`, { priority })),
      { policy: "random", outlierDetection: { maxEjectionPercent: 100 } },
    );
    expect(Object.keys(shares(balancer)).toSorted()).toEqual(["e0", "e1"]);
    fail(balancer, "e0", 5);
    const after = shares(balancer, 10_000);
    expect(after["e0"]).toBeUndefined();
    expect(after["e1"]! / 10_000).toBeCloseTo(0.7, 1);
  });

  it("zones: all local while healthy, spill-over beyond 1.4 times what is left", () => {
    const zones = ["here", "here", "there", "there"];
    const { balancer } = made(
      zones.map((zone, at) => endpoint(`e${at}`, { zone })),
      { policy: "random", localZone: "here", outlierDetection: { maxEjectionPercent: 100 } },
    );
    expect(Object.keys(shares(balancer)).toSorted()).toEqual(["e0", "e1"]);
    fail(balancer, "e0", 5);
    const after = shares(balancer, 10_000);
    expect(after["e1"]! / 10_000).toBeCloseTo(0.7, 1);
    expect(after["e2"]! / 10_000).toBeCloseTo(0.15, 1);
  });

  it("slow start: a new endpoint begins with a tenth of its share, and ends with all of it", async () => {
    const options = { policy: "weighted-random", slowStart: { windowMs: 20_000 } } as const;
    const { balancer, clock } = made([endpoint("a")], options);
    balancer.update([endpoint("a"), endpoint("b")]);
    expect((shares(balancer, 10_000)["b"] ?? 0) / 10_000).toBeCloseTo(0.1 / 1.1, 1);
    await clock.advance(10_000);
    expect(shares(balancer, 10_000)["b"]! / 10_000).toBeCloseTo(0.5 / 1.5, 1);
    await clock.advance(10_000);
    expect(shares(balancer, 10_000)["b"]! / 10_000).toBeCloseTo(0.5, 1);
  });

  it("circuit breaker: opens, lets exactly one try, closes with its success", async () => {
    const { balancer, clock, events } = made([endpoint("a")], {
      circuitBreaker: { failures: 3, openMs: 1_000 },
      outlierDetection: false,
    });
    fail(balancer, "a", 3);
    expect(() => balancer.pick()).toThrow(expect.objectContaining({ code: "circuit-open" }));
    await clock.advance(1_000);
    const trial = balancer.pick();
    expect(() => balancer.pick()).toThrow(expect.objectContaining({ code: "circuit-open" }));
    trial.done(SUCCESS);
    expect(shares(balancer, 5)).toEqual({ a: 5 });
    expect(events.map(({ type }) => type)).toEqual([
      "circuit-open",
      "circuit-half-open",
      "circuit-closed",
    ]);
  });
});

describe("limits", () => {
  it("at the limit pick is overloaded, acquire waits in order, and is refused beyond the bound", async () => {
    const { balancer, clock } = made([endpoint("a")], {
      concurrency: { limit: 1 },
      pending: { max: 2, timeoutMs: 100 },
    });
    const first = balancer.pick();
    expect(() => balancer.pick()).toThrow(expect.objectContaining({ code: "overloaded" }));
    const order: string[] = [];
    const second = balancer.acquire().then((pick) => (order.push("second"), pick));
    const third = balancer.acquire();
    await expect(balancer.acquire()).rejects.toMatchObject({ code: "overloaded" });
    await clock.advance(40);
    first.done(SUCCESS);
    (await second).done(CANCELLED);
    expect(order).toEqual(["second"]);
    // The third got the place that the second left.
    const late = balancer.acquire(undefined, { timeoutMs: 10 });
    const tooLate = expect(late).rejects.toMatchObject({ code: "deadline" });
    await clock.advance(10);
    await tooLate;
    (await third).done(SUCCESS);
    expect(balancer.metrics()).toMatchObject({ inFlight: 0, pending: 0, deadlines: 1 });
  });

  it("aborted while it waits, a caller has taken nothing", async () => {
    const { balancer } = made([endpoint("a")], { concurrency: { limit: 1 } });
    const first = balancer.pick();
    const gone = new AbortController();
    const waiting = balancer.acquire(undefined, { signal: gone.signal });
    gone.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    first.done(SUCCESS);
    balancer.pick().done(SUCCESS);
    expect(balancer.metrics().inFlight).toBe(0);
  });

  it("sheds the less important first", () => {
    const { balancer } = made([endpoint("a")], {
      concurrency: { limit: 10 },
      shedAbove: [1, 0.5],
    });
    for (let at = 0; at < 5; at++) balancer.pick({ priority: 1 });
    expect(() => balancer.pick({ priority: 1 })).toThrow(expect.objectContaining({ code: "shed" }));
    expect(() => balancer.pick({ priority: 7 })).toThrow(expect.objectContaining({ code: "shed" }));
    for (let at = 0; at < 5; at++) balancer.pick();
    expect(balancer.metrics()).toMatchObject({ shed: 2, inFlight: 10 });
  });
});

describe("execute", () => {
  const three = ["a", "b", "c"].map((id) => endpoint(id));

  it("an idempotent request is retried elsewhere; the first success wins", async () => {
    const { balancer } = made(three);
    const tried: string[] = [];
    const result = await balancer.execute(
      async ({ endpoint: { id } }, { number }) => {
        tried.push(id);
        if (number === 1) throw new Error("lost");
        return number;
      },
      { idempotent: true },
    );
    expect(result).toBe(2);
    expect(new Set(tried).size).toBe(2);
    expect(balancer.metrics().retries).toBe(1);
  });

  it("one that is not idempotent is sent once, unless nothing was sent: then again", async () => {
    const { balancer, clock } = made(three);
    let calls = 0;
    const failing = (code: string) => async (): Promise<never> => {
      calls++;
      throw Object.assign(new Error(code), { code });
    };
    await expect(balancer.execute(failing("ECONNRESET"))).rejects.toThrow("ECONNRESET");
    expect(calls).toBe(1);
    const refused = balancer.execute(async (_pick, { number }) => {
      if (number < 3) await failing("ECONNREFUSED")();
      return number;
    });
    await clock.advance(1_000);
    expect(await refused).toBe(3);
    expect(balancer.metrics().retries).toBe(2);
  });

  it("a result that classify calls a failure is retried, and returned if there is no better", async () => {
    const { balancer, clock } = made(three);
    const running = balancer.execute(async () => 500, {
      idempotent: true,
      classify: (status) => (status === 500 ? FAILURE : SUCCESS),
    });
    await clock.advance(1_000);
    expect(await running).toBe(500);
    expect(balancer.metrics()).toMatchObject({ retries: 2, picks: 3, inFlight: 0 });
  });

  it("the budget bounds retries: a fifth of the requests, when all fail", async () => {
    const { balancer, clock } = made(three, {
      retry: { budget: { ratio: 0.2, minPerSecond: 0 } },
      outlierDetection: false,
    });
    let calls = 0;
    for (let request = 0; request < 100; request++) {
      const running = balancer.execute(async () => Promise.reject(new Error(`${++calls}`)), {
        idempotent: true,
      });
      const ended = expect(running).rejects.toThrow(/\d/);
      await clock.advance(50);
      await ended;
    }
    expect(calls).toBe(120);
    expect(balancer.metrics().budgetExhausted).toBeGreaterThan(0);
  });

  it("hedges after the percentile; the loser is aborted, and teaches nothing", async () => {
    const { balancer, clock } = made(three, { hedge: { percentile: 50 } });
    for (let at = 0; at < 30; at++) {
      const pick = balancer.pick();
      await clock.advance(10);
      pick.done(SUCCESS);
    }
    let aborted = 0;
    const running = balancer.execute(
      (_pick, { isHedge, signal }) =>
        isHedge
          ? Promise.resolve("hedge")
          : new Promise<string>((_resolve, reject) =>
              signal.addEventListener("abort", () => {
                aborted++;
                reject(new Error("aborted"));
              }),
            ),
      { idempotent: true },
    );
    await clock.advance(9);
    expect(balancer.metrics().hedges).toBe(0);
    await clock.advance(2);
    expect(await running).toBe("hedge");
    expect(aborted).toBe(1);
    const { hedges, hedgeWins, inFlight, endpoints } = balancer.metrics();
    expect({ hedges, hedgeWins, inFlight }).toEqual({ hedges: 1, hedgeWins: 1, inFlight: 0 });
    expect(endpoints.reduce((sum, { cancelled }) => sum + cancelled, 0)).toBe(1);
    expect(endpoints.reduce((sum, { failures }) => sum + failures, 0)).toBe(0);
  });

  it("a caller who gives up aborts the attempt, and gets his own reason", async () => {
    const { balancer } = made(three);
    const gone = new AbortController();
    let seen: AbortSignal | undefined;
    const running = balancer.execute(
      (_pick, { signal }) => {
        seen = signal;
        return new Promise<never>(() => undefined);
      },
      { signal: gone.signal, idempotent: true },
    );
    await Promise.resolve();
    await Promise.resolve();
    gone.abort(new Error("gone"));
    await expect(running).rejects.toThrow("gone");
    expect(seen?.aborted).toBe(true);
    expect(balancer.metrics().inFlight).toBe(0);
  });
});

describe("metrics", () => {
  it("latency is queue + processing + transmission, each by itself", async () => {
    const { balancer, clock } = made([endpoint("a")], { concurrency: { limit: 1 } });
    const first = balancer.pick();
    const waiting = balancer.acquire();
    await clock.advance(30);
    first.done(SUCCESS);
    const pick = await waiting;
    await clock.advance(20);
    pick.firstByte?.(5);
    await clock.advance(10);
    pick.done(SUCCESS);
    const [metrics] = balancer.metrics().endpoints;
    expect(metrics?.queue.maxMs).toBe(35);
    expect(metrics?.processing.maxMs).toBe(30);
    expect(metrics?.transmission.maxMs).toBe(10);
    expect(metrics?.latency).toMatchObject({ count: 2, maxMs: 60, meanMs: 45 });
    expect(metrics?.latency.p99Ms).toBeCloseTo(60, 0);
    expect(metrics?.throughputPerSecond).toBeCloseTo(2 / 0.06, 5);
  });
});
