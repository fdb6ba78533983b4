import type { SimulationTarget, TargetResult } from "@quorate/simulation";
import { describe, expect, it } from "vitest";
import { Campaign } from "../src/campaign.ts";

const PASSED: TargetResult = {
  operations: 2,
  faults: { crash: 1 },
  coverage: { elections: 3 },
  events: 10,
  simulatedMs: 60_000,
  traceHash: "a",
  plan: [1, 2, 3].map((number) => ({ number, text: `#${number}` })),
};

/** Fails for seed 2 when fault 2 happens; draws another trace each time for seed 3. */
function target(): SimulationTarget {
  let runs = 0;
  return {
    name: "toy",
    coverage: ["elections", "snapshots"],
    run: async (seed, { only = [1, 2, 3] }) => {
      runs++;
      const plan = PASSED.plan.filter(({ number }) => only.includes(number));
      const result = { ...PASSED, plan, traceHash: seed === 3 ? `run ${runs}` : "a" };
      if (seed !== 2 || !only.includes(2)) return result;
      return { ...result, failure: { reason: "lost", details: "all", diagram: "o-->" } };
    },
  };
}

describe("a campaign", () => {
  it("adds up what was done, and names what never was", async () => {
    const campaign = new Campaign(target(), { commit: "c", twice: false });
    expect(await campaign.run(1, "safety")).toBeUndefined();
    expect(await campaign.run(4, "liveness")).toBeUndefined();
    expect(campaign.summary).toMatchObject({
      target: "toy",
      seeds: 2,
      failures: [],
      operations: 4,
      faults: { crash: 2 },
      coverage: { elections: 6, snapshots: 0 },
      simulatedMinutes: 2,
    });
  });

  it("reports a failure with the fewest faults that show it", async () => {
    const campaign = new Campaign(target(), { commit: "c0ffee", twice: false });
    const report = await campaign.run(2, "safety");
    expect(report?.replay).toBe("pnpm sim toy --seed 2 --mode safety --only 2");
    expect(report?.text).toContain("commit c0ffee");
    expect(campaign.summary.failures).toEqual([{ seed: 2, reason: "lost" }]);
  });

  it("replays what was replayed: a part of the plan stays a part of it", async () => {
    const campaign = new Campaign(target(), { commit: "c", twice: false, only: [2] });
    const report = await campaign.run(2, "safety");
    expect(report?.replay).toBe("pnpm sim toy --seed 2 --mode safety --only 2");
  });

  it("twice: a seed whose traces differ is a failure", async () => {
    const campaign = new Campaign(target(), { commit: "c", twice: true });
    expect(await campaign.run(1, "safety")).toBeUndefined();
    const report = await campaign.run(3, "safety");
    expect(report?.reason).toMatch(/^not deterministic/);
  });
});
