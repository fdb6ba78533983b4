import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventHeap } from "../src/simulation/event-heap.ts";
import { policyOf, type Scenario, SCENARIOS, simulate } from "../src/simulation/index.ts";
import { SimulatedServer } from "../src/simulation/simulated-server.ts";

const ADAPTIVE = policyOf({ kind: "adaptive" });

describe("event heap", () => {
  it("gives events back as a stable sort by time does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 300 }), (times) => {
        const heap = new EventHeap();
        for (const [at, time] of times.entries()) heap.push(time, at);
        const expected = [...times.keys()].toSorted((a, b) => times[a]! - times[b]! || a - b);
        expect(expected.map(() => heap.pop())).toEqual(expected);
        expect(heap.size).toBe(0);
      }),
    );
  });
});

describe("simulated server", () => {
  it("works first come, first served, stands still in a pause, and goes on after it", () => {
    const changes = [
      { fromMs: 10, speed: 0 },
      { fromMs: 30, speed: 2 },
    ];
    const server = new SimulatedServer({ speed: 1, changes });
    expect(server.accept(0, 5)).toBe(5);
    expect(server.wouldEndAtMs(0, 10)).toBe(32.5);
    expect(server.accept(0, 10)).toBe(32.5);
    expect(server.accept(40, 4)).toBe(42);
  });
});

/** One server, one client: M/M/1, whose percentiles are known. */
function single(load: number): Scenario {
  return {
    name: "M/M/1",
    clients: 1,
    servers: [{ speed: 1 }],
    meanServiceMs: 10,
    requestsPerSecond: load * 100,
    durationMs: 4_000_000,
    warmUpMs: 10_000,
    networkMs: 0,
  };
}

describe("simulation", () => {
  it("one server is M/M/1: p50 and p99 of its response time within 7 % of −s·ln(1 − p)/(1 − ρ)", () => {
    for (const load of [0.3, 0.6]) {
      const { p50Ms, p99Ms } = simulate(single(load), policyOf({ kind: "random" }));
      const exact = (percentile: number): number => (-10 * Math.log(1 - percentile)) / (1 - load);
      expect(Math.abs(p50Ms / exact(0.5) - 1)).toBeLessThan(0.07);
      expect(Math.abs(p99Ms / exact(0.99) - 1)).toBeLessThan(0.07);
    }
  });

  it("the same seed gives the same result, another one another", () => {
    const scenario = { ...SCENARIOS[2]!(3), durationMs: 6_000 };
    const run = (seed: number): unknown => simulate(scenario, ADAPTIVE, { seed });
    expect(run(1)).toEqual(run(1));
    expect(run(1)).not.toEqual(run(2));
  });

  it("every request of the measured time ends, well or not", () => {
    for (const make of SCENARIOS) {
      const scenario = { ...make(1), durationMs: 12_000 };
      const expected = (scenario.requestsPerSecond * (12_000 - scenario.warmUpMs)) / 1_000;
      const { succeeded, failed } = simulate(scenario, ADAPTIVE);
      expect(Math.abs((succeeded + failed) / expected - 1)).toBeLessThan(0.05);
    }
  });

  it.each(SCENARIOS.map((make) => [make(1).name, make] as const))(
    "%s: the default stays within 2.2 times the oracle's p99 (medians of the bench: 2.0)",
    (_name, make) => {
      const oracle = simulate(make(1), "oracle").p99Ms;
      expect(simulate(make(1), ADAPTIVE).p99Ms / oracle).toBeLessThan(2.2);
    },
  );

  it("a server that fails fast attracts less than its fair share", () => {
    const scenario = SCENARIOS.map((make) => make(1)).find(({ name }) => name.includes("fails"));
    for (const kind of ["adaptive", "peak-ewma", "least-response-time", "prequal"] as const) {
      const { shares } = simulate(scenario as Scenario, policyOf({ kind }));
      expect(shares[0]).toBeLessThan(1);
    }
  });

  describe("black holes, which accept and never answer: a timeout of 250 ms each", () => {
    const named = (name: string): Scenario =>
      SCENARIOS.map((make) => make(1)).find((scenario) => scenario.name === name) as Scenario;
    const zoneShare = (shares: readonly number[]): number =>
      shares.filter((_, at) => at % 4 === 0).reduce((sum, share) => sum + share, 0) / 10;

    it("golden: the default's percentiles for seed 1", () => {
      const golden = [
        ["one black hole", 11.3, 58.6, 86.2],
        ["zone of black holes", 12.4, 68.9, 274.8],
      ] as const;
      for (const [name, p50, p99, p999] of golden) {
        const { p50Ms, p99Ms, p999Ms, failed } = simulate(named(name), ADAPTIVE);
        expect([p50Ms, p99Ms, p999Ms].map((ms) => Math.round(10 * ms) / 10)).toEqual([
          p50,
          p99,
          p999,
        ]);
        expect(failed).toBe(0);
      }
    });

    it("the default sends next to nothing there once it knows, round robin its full share", () => {
      // The first third of the measured time, before the outage, is in these shares, too.
      const ours = simulate(named("zone of black holes"), ADAPTIVE).shares;
      const round = simulate(
        named("zone of black holes"),
        policyOf({ kind: "round-robin" }),
      ).shares;
      expect(zoneShare(ours)).toBeLessThan(0.4);
      expect(zoneShare(round)).toBeGreaterThan(0.7);
    });

    it("ejection takes one black hole from a policy that knows no health, and the p99 with it", () => {
      const scenario = named("one black hole");
      const policy = policyOf({ kind: "round-robin" });
      const without = simulate(scenario, policy);
      const ejecting = simulate(scenario, policy, { outlierDetection: {} });
      expect(without.p99Ms).toBeGreaterThan(250);
      expect(ejecting.p99Ms).toBeLessThan(250);
      expect(ejecting.shares[0]).toBeLessThan((without.shares[0] as number) / 2);
    });

    it("where a quarter are black holes, Envoy's cap of 10 % ejected is too low for such a policy", () => {
      const scenario = named("zone of black holes");
      const policy = policyOf({ kind: "round-robin" });
      const capped = simulate(scenario, policy, { outlierDetection: {} });
      const half = simulate(scenario, policy, { outlierDetection: { maxEjectionPercent: 50 } });
      expect(capped.p99Ms).toBeGreaterThan(250);
      expect(half.failed).toBeLessThan(capped.failed / 2);
    });
  });
});
