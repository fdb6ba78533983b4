import { stripVTControlCharacters } from "node:util";
import colors from "picocolors";
import { describe, expect, it } from "vitest";
import { describeMachine } from "../src/machine.ts";
import { figure, table } from "../src/report.ts";

describe("report", () => {
  it("shows ours, each peer, the ratio, the goal and whether it was met", () => {
    const machine = { cpu: "c", cores: 2, node: "v20", fdatasyncMs: 0.1, loopbackRttMs: 0.02 };
    const row = { case: "append", value: 3, unit: "ms", peers: { bare: 2 }, goal: 3, met: true };
    const text = table({ package: "wal", machine, rows: [row] }, colors.createColors(false));
    expect(text).toBe(stripVTControlCharacters(text));
    expect(text).toMatch(/append.*3 ms.*bare: 2.*× 1\.5.*–.*3.*yes/);
  });

  it("prints three significant digits, and groups thousands", () => {
    expect([0.012345, 1.5, 999.6, 1_234_567.8, undefined].map(figure)).toEqual([
      "0.0123",
      "1.5",
      "1000",
      "1,234,568",
      "–",
    ]);
  });
});

describe("describeMachine", () => {
  it("measures the disk and the loopback of this machine", async () => {
    const machine = await describeMachine();
    expect(machine.fdatasyncMs).toBeGreaterThan(0);
    expect(machine.loopbackRttMs).toBeGreaterThan(0);
    expect(machine.node).toBe(process.version);
  });
});
