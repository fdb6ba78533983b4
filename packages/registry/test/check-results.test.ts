import { describe, expect, it } from "vitest";
import { CheckResults } from "../src/core/check-results.ts";
import type { Health } from "../src/instance.ts";

function after(healthyThreshold: number, unhealthyThreshold: number, ...results: Health[]): Health {
  const check = new CheckResults({ healthyThreshold, unhealthyThreshold });
  for (const health of results) check.add({ health, note: "" });
  return check.report.health;
}

describe("what a check's results come to", () => {
  it("nothing is well before it was looked at", () => {
    expect(after(1, 1)).toBe("critical");
  });

  it("the first result counts at once, whatever the thresholds", () => {
    expect(after(3, 3, "passing")).toBe("passing");
    expect(after(3, 3, "critical")).toBe("critical");
  });

  it("only so many failures in a row make it critical", () => {
    expect(after(1, 2, "passing", "critical")).toBe("passing");
    expect(after(1, 2, "passing", "critical", "passing", "critical")).toBe("passing");
    expect(after(1, 2, "passing", "critical", "critical")).toBe("critical");
  });

  it("only so many successes in a row make it well again; a warning is one", () => {
    expect(after(2, 1, "critical", "passing")).toBe("critical");
    expect(after(2, 1, "critical", "passing", "critical", "passing")).toBe("critical");
    expect(after(2, 1, "critical", "passing", "warning")).toBe("warning");
  });

  it("a warning counts at once, and so does its end", () => {
    expect(after(3, 3, "passing", "warning")).toBe("warning");
    expect(after(3, 3, "passing", "warning", "passing")).toBe("passing");
  });

  it("a failure that goes on keeps the reason of the last one", () => {
    const check = new CheckResults({ healthyThreshold: 1, unhealthyThreshold: 1 });
    check.add({ health: "critical", note: "refused" });
    check.add({ health: "critical", note: "timed out" });
    expect(check.report.note).toBe("timed out");
  });
});
