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
});
