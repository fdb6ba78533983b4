import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { reportFailure, shrink, type TargetResult } from "../src/index.ts";
import { counterTarget } from "./counter-cluster.ts";

const SEEDS = 40;

async function firstFailure(
  target: ReturnType<typeof counterTarget>,
): Promise<{ readonly seed: number; readonly result: TargetResult } | undefined> {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const result = await target.run(seed, { mode: "safety" });
    if (result.failure) return { seed, result };
  }
  return undefined;
}

describe("a swarm", () => {
  it("finds a counter that acknowledges before it replicates; its report replays, shrunk", async () => {
    const target = counterTarget("before replication");
    const { seed, result } = (await firstFailure(target))!;
    const options = { mode: "safety" } as const;
    const report = await reportFailure(target, seed, options, result, { commit: "abc123" });
    expect(report.reason).toMatch(/n[23] counted \d+, and \d+ was acknowledged/);
    for (const part of [`seed ${seed}`, "commit abc123", report.replay, "the last events"]) {
      expect(report.text).toContain(part);
    }
    // The line itself says all that is needed.
    const [, only = ""] = /--only ([\d,]+)/.exec(report.replay) ?? [];
    const kept = only.split(",").map(Number);
    expect(kept.length).toBeLessThan(Math.max(2, result.plan.length));
    const again = await target.run(seed, { ...options, only: kept });
    expect(again.failure?.reason).toBe(report.reason);
    const without = await target.run(seed, { ...options, only: [] });
    expect(without.failure).toBeUndefined();
  });

  it("finds nothing wrong with the counter that replicates first, and exercises it", async () => {
    const target = counterTarget("after replication");
    expect(await firstFailure(target)).toBeUndefined();
    const { coverage, faults, operations } = await target.run(1, { mode: "liveness" });
    expect(coverage["increments"]).toBe(operations);
    expect(operations).toBeGreaterThan(0);
    expect(Object.keys(faults).length).toBeGreaterThan(0);
  });

  it("runs the same for the same seed, whatever ran before", async () => {
    const target = counterTarget("after replication");
    const first = await target.run(5, { mode: "safety" });
    await target.run(6, { mode: "safety" });
    const again = await target.run(5, { mode: "safety" });
    expect(again).toEqual(first);
  });
});

describe("shrink", () => {
  it("finds exactly the items that matter, whatever they are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(fc.nat(59)), async (size, all) => {
        const items = [...Array(size).keys()];
        const needed = new Set(all.filter((each) => each < size).slice(0, 4));
        const kept = await shrink(
          items,
          async (candidate) => [...needed].every((each) => candidate.includes(each)),
          1_000,
        );
        expect(new Set(kept)).toEqual(needed);
      }),
    );
  });
});
