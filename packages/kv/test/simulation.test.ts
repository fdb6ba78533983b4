import { describe, expect, it } from "vitest";
import target from "../sim/kv.sim.ts";

describe("on simulated machines with faults", () => {
  it.each([
    [23, "liveness"],
    [26, "safety"],
  ] as const)(
    "seed %i (%s): of a snapshot that has rotted the store is given nothing",
    async (seed, mode) => {
      const { failure } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
    },
    30_000,
  );

  it("users' histories are linearizable, no insert is lost or comes twice, replicas agree", async () => {
    const exercised = new Set<string>();
    for (let seed = 13; seed <= 20; seed++) {
      const mode = seed % 2 === 0 ? "safety" : "liveness";
      const { failure, coverage } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
      for (const name of target.coverage) if (coverage[name]! > 0) exercised.add(name);
    }
    for (const name of ["elections", "restarts", "retried writes", "checked histories"]) {
      expect(exercised).toContain(name);
    }
  }, 60_000);
});
