import { describe, expect, it } from "vitest";
import target from "../sim/raft.sim.ts";

describe("on simulated machines with faults", () => {
  // Seeds that failed while a write of the hard state alone did not wait for entries before it.
  it.each([
    [24, "safety"],
    [49, "liveness"],
  ] as const)(
    "seed %i (%s): writes complete in their order",
    async (seed, mode) => {
      const { failure } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
    },
    30_000,
  );

  it("the same seed gives the same trace", async () => {
    const first = await target.run(28, { mode: "safety" });
    expect(await target.run(28, { mode: "safety" })).toEqual(first);
  }, 30_000);
});
