import { describe, expect, it } from "vitest";
import target from "../sim/stream.sim.ts";

/** Some that crash, go on with other subtasks, and have a disk that fails. */
const SEEDS = [5, 22, 28, 33, 97, 156, 361];

describe("pipelines on a process that crashes", () => {
  it.each(SEEDS)(
    "seed %i: each record has had its effect once; the same trace again",
    async (seed) => {
      const result = await target.run(seed, { mode: "safety" });
      expect(result.failure).toBeUndefined();
      expect(result.coverage["finished runs"]).toBe(1);
      expect(await target.run(seed, { mode: "safety" })).toEqual(result);
    },
  );

  it("sixty seeds find nothing wrong", async () => {
    for (let seed = 1_000; seed < 1_060; seed++) {
      const { failure } = await target.run(seed, { mode: "safety" });
      expect(failure).toBeUndefined();
    }
  }, 60_000);
});
