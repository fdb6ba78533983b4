import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import type { LiveStatus } from "../src/live/live-status.ts";
import { liveLine, liveTables } from "../src/view/live-tables.ts";

const NOTHING: LiveStatus = {
  ...{ checkpoint: 0, orders: 0, revenueCents: 0, late: 0 },
  ...{ districts: [], minutes: [], topDishes: [], courierDelays: [] },
  process: { state: "up", restarts: 0 },
};
const NO_LATE = { orders: 0, revenueCents: 0 };
const start = (minute: number): string => `2026-11-22T10:0${minute}:00.000Z`;
const SOME: LiveStatus = {
  ...NOTHING,
  ...{ checkpoint: 7, orders: 1_234, revenueCents: 5_678_905 },
  districts: [
    { district: "Altona", orders: 1_200, revenueCents: 5_600_000, late: NO_LATE },
    { district: "Barmbek", orders: 34, revenueCents: 78_905, late: NO_LATE },
  ],
  minutes: [0, 1, 2, 3, 4].map((at) => {
    return { start: start(at), district: at === 3 ? "Barmbek" : "Altona", ...sales(at) };
  }),
  topDishes: [
    { dish: "Ramen", quantity: 1_001 },
    { dish: "Fries", quantity: 7 },
  ],
  courierDelays: [
    { start: start(3), district: "Altona", couriers: 1, meanMs: 1_000, maxMs: 1_000 },
    { start: start(4), district: "Altona", couriers: 3, meanMs: 2_000, maxMs: 4_500 },
  ],
};

function sales(at: number): { orders: number; revenueCents: number } {
  return { orders: 10 * at, revenueCents: 1_000 * at };
}

const shown = (status: LiveStatus): string => stripVTControlCharacters(liveTables(status));

describe("quorate live", () => {
  it("shows each district by the last three minutes, and how long couriers took", () => {
    const cells = shown(SOME)
      .split("\n")
      .map((line) => line.split(/ *│ */).slice(1, -1));
    const row = (name: string) => cells.find(([first]) => first === name);
    expect(row("district")).toEqual([
      ...["district", "orders", "revenue", "10:02", "10:03", "10:04", "courier after"],
    ]);
    expect(row("Altona")).toEqual([
      ...["Altona", "1,200", "56,000.00", "20 · 20.00", "", "40 · 40.00", "1.75 s, max 4.50 s"],
    ]);
    expect(row("Barmbek")).toEqual(["Barmbek", "34", "789.05", "", "30 · 30.00", "", ""]);
    expect(shown(SOME)).toContain("1,234 orders, 56,789.05 in revenue\n");
    expect(shown(SOME)).toContain("top dishes of 5 minutes: Ramen 1,001, Fries 7");
  });

  it("fits a terminal of 100 columns with the districts of the generator", () => {
    for (const line of shown(SOME).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
  });

  it("is a line where there is no terminal", () => {
    expect(liveLine(SOME)).toBe("1,234 orders, 56,789.05 in revenue; at 10:04 Altona 40");
    expect(liveLine(NOTHING)).toBe("0 orders, 0.00 in revenue");
    expect(shown(NOTHING)).toBe("0 orders, 0.00 in revenue");
  });

  it("says that orders came too late for their minute, and that its process is down, and why", () => {
    const status: LiveStatus = {
      ...SOME,
      late: 3,
      process: { state: "down", restarts: 2, reason: "its process ended by SIGKILL" },
    };
    for (const text of [shown(status), stripVTControlCharacters(liveLine(status))]) {
      expect(text).toContain("in revenue, 3 too late for their minute");
      expect(text).toContain("the counting process is down: its process ended by SIGKILL");
    }
  });
});
