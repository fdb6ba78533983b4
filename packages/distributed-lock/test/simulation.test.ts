import { describe, expect, it } from "vitest";
import onKv from "../sim/lock-kv.sim.ts";
import target from "../sim/lock.sim.ts";

describe("on simulated machines with faults", () => {
  it("at most one holds, in turn, tokens grow, nothing is left over, everybody is served", async () => {
    const exercised = new Set<string>();
    for (let seed = 1; seed <= 8; seed++) {
      const mode = seed % 2 === 0 ? "safety" : "liveness";
      const { failure, coverage } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
      for (const name of target.coverage) if (coverage[name]! > 0) exercised.add(name);
    }
    for (const name of ["grants after a wait", "locks lost: unreachable", "writes refused"]) {
      expect(exercised).toContain(name);
    }
  }, 60_000);

  it("the same on the replicated store that is there", async () => {
    const exercised = new Set<string>();
    for (let seed = 1; seed <= 4; seed++) {
      const mode = seed % 2 === 0 ? "safety" : "liveness";
      const { failure, coverage } = await onKv.run(seed, { mode });
      expect(failure).toBeUndefined();
      for (const name of onKv.coverage) if (coverage[name]! > 0) exercised.add(name);
    }
    for (const name of ["grants after a wait", "writes refused", "failovers"]) {
      expect(exercised).toContain(name);
    }
  }, 120_000);
});
