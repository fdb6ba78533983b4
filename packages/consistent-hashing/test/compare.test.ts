import { describe, expect, it } from "vitest";
import { compare } from "../src/index.ts";
import { keys, names } from "./all-algorithms.ts";

describe("compare", () => {
  let time = 0;
  const now = (): number => (time += 10);

  it("has a row for each algorithm, measured with the nodes and keys given", () => {
    const { rows, skipped } = compare({ nodes: names(10), keys: keys(5_000), now });
    expect(rows.map(({ algorithm }) => algorithm)).toEqual([
      "ring",
      "maglev",
      "rendezvous",
      "jump",
      "multi-probe",
      "anchor",
      "memento",
    ]);
    expect(skipped).toEqual([]);
    for (const row of rows) {
      expect(row.lookupsPerSecond).toBe(500_000);
      expect(row.buildMs).toBe(10);
      expect(row.maxOverMean).toBeGreaterThan(1);
      expect(row.maxOverMean).toBeLessThan(1.35);
      if (row.algorithm !== "maglev") expect(row.movedAtLeave).toBe(row.idealAtLeave);
      expect(Math.abs(row.movedAtJoin - row.idealAtJoin)).toBeLessThan(0.03);
      expect(row.profile.takeWhen).not.toBe("");
    }
  });

  it("prints the table, in lines of up to 120 columns", () => {
    const text = String(compare({ nodes: names(5), keys: keys(1_000), now }));
    const lines = text.split("\n");
    expect(lines[0]).toMatch(/M lookups\/s +build ms +max\/mean +deviation +leave +join +KiB$/);
    for (const algorithm of ["ring", "maglev", "jump", "anchor", "memento"]) {
      expect(lines.filter((line) => line.startsWith(`${algorithm} `))).toHaveLength(1);
      expect(lines.filter((line) => line.startsWith(`${algorithm}: `))).toHaveLength(1);
    }
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(120);
  });

  it("leaves out, with the reason, what cannot have fractional weights", () => {
    const nodes = [{ name: "a", weight: 0.5 }, "b", { name: "new-0", weight: 2 }];
    const { rows, skipped } = compare({ nodes, keys: keys(500), now });
    expect(rows.map(({ algorithm }) => algorithm)).toEqual(["ring", "maglev", "rendezvous"]);
    expect(skipped.map(({ algorithm }) => algorithm)).toEqual([
      "jump",
      "multi-probe",
      "anchor",
      "memento",
    ]);
    expect(skipped[0]?.reason).toMatch(/whole number/);
  });

  it("has a clock of its own", () => {
    const [row] = compare({ nodes: names(2), keys: keys(100) }).rows;
    expect(row?.lookupsPerSecond).toBeGreaterThan(0);
  });
});
