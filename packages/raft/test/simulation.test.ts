import { describe, expect, it } from "vitest";
import target from "../sim/raft.sim.ts";

describe("on simulated machines with faults", () => {
  it.each([
    [22, "safety"],
    [119, "liveness"],
    [172, "safety"],
  ] as const)(
    "seed %i (%s): writes complete in their order",
    async (seed, mode) => {
      const { failure } = await target.run(seed, { mode });
      expect(failure).toBeUndefined();
    },
    30_000,
  );
});
