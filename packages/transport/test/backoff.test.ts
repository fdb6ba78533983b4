import { seededRandom } from "@quorate/runtime";
import { describe, expect, it } from "vitest";
import { Backoff } from "../src/tcp/backoff.ts";

describe("Backoff", () => {
  it("doubles from min to max, the upper half of it drawn at random, and begins anew", () => {
    const backoff = new Backoff(100, 500, seededRandom("backoff"));
    for (const ceiling of [100, 200, 400, 500, 500]) {
      const delayMs = backoff.next();
      expect(delayMs).toBeGreaterThanOrEqual(ceiling / 2);
      expect(delayMs).toBeLessThan(ceiling);
    }
    backoff.reset();
    expect(backoff.next()).toBeLessThan(100);
  });

  it("differs from node to node", () => {
    const delays = ["a", "b", "c"].map((id) => new Backoff(100, 500, seededRandom(id)).next());
    expect(new Set(delays).size).toBe(3);
  });
});
