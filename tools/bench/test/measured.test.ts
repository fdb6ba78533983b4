import { describe, expect, it } from "vitest";
import { measured, type BenchOptions, type Sample } from "../src/index.ts";

const options: BenchOptions = { runs: 3, quick: false };

/** Gives the values in turn, and notes in `order` that it ran. */
function run(name: string, values: readonly number[], order: string[]): () => Promise<Sample> {
  const left = [...values];
  return async () => {
    order.push(name);
    return { value: left.shift() ?? Number.NaN };
  };
}

describe("measured", () => {
  it("runs ours and the peers alternately, and reports the medians", async () => {
    const order: string[] = [];
    const row = await measured(options, {
      case: "work",
      unit: "ms",
      ours: run("ours", [9, 1, 2], order),
      peers: { them: run("them", [4, 100, 3], order) },
      limit: async () => 1,
    });
    expect(order).toEqual(["ours", "them", "ours", "them", "ours", "them"]);
    expect(row).toEqual({ case: "work", value: 2, unit: "ms", peers: { them: 4 }, limit: 1 });
  });

  it("judges the goal by the medians", async () => {
    const row = await measured(options, {
      case: "work",
      unit: "M/s",
      ours: run("ours", [1, 5, 3], []),
      peers: { them: run("them", [2, 2, 2], []) },
      goal: ({ ours, peers }) => ({ goal: 2 * peers.them, met: ours >= 2 * peers.them }),
    });
    expect(row).toMatchObject({ value: 3, goal: 4, met: false });
  });

  it("reports the median of the runs' percentiles, and no field that was not measured", async () => {
    const p99s = [7, 5, 6];
    const row = await measured(options, {
      case: "work",
      unit: "ms",
      ours: async () => ({ value: 1, p50Ms: 1, p99Ms: p99s.shift() ?? Number.NaN }),
    });
    expect(row).toEqual({ case: "work", value: 1, unit: "ms", p50Ms: 1, p99Ms: 6, peers: {} });
  });

  it("leaves out a case that --case does not name, without running it", async () => {
    const order: string[] = [];
    const work = { case: "Durable append", unit: "ms", ours: run("ours", [1], order) };
    expect(await measured({ ...options, case: "request" }, work)).toBeUndefined();
    expect(order).toEqual([]);
    expect(await measured({ runs: 1, quick: true, case: "durable" }, work)).toBeDefined();
  });
});
