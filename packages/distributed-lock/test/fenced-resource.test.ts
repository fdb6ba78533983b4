import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FencedResource } from "../src/index.ts";

describe("FencedResource", () => {
  it("accepts no token below the largest that it has seen", () => {
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 1n, max: 20n })), (tokens) => {
        const resource = new FencedResource();
        let largest = 0n;
        for (const token of tokens) {
          expect(resource.accepts({ token })).toBe(token >= largest);
          if (token > largest) largest = token;
          expect(resource.state.largestSeen).toBe(largest);
        }
      }),
    );
  });

  it("goes on from what was kept of an earlier life", () => {
    const before = new FencedResource();
    before.accepts({ token: 7n });
    const resource = new FencedResource(before.state);
    expect(resource.accepts({ token: 6n })).toBe(false);
    expect(() => resource.assertAccepts({ token: 6n })).toThrow("token 6 is older than 7");
  });

  it("lets readers in beside readers, and neither past a newer writer, nor a writer past newer readers", () => {
    const resource = new FencedResource();
    const reader = (token: bigint): boolean => resource.accepts({ token, role: "shared" });
    expect([reader(2n), reader(1n), reader(3n)]).toEqual([true, true, true]);
    expect(resource.accepts({ token: 2n })).toBe(false);
    expect(resource.accepts({ token: 4n })).toBe(true);
    expect([reader(3n), reader(5n)]).toEqual([false, true]);
  });

  it("of a semaphore: those who held when the newest began, and it, and nobody else that is older", () => {
    const resource = new FencedResource();
    const [a, b] = [
      { token: 1n, ref: "a" },
      { token: 2n, ref: "b", alongside: ["a"] },
    ];
    expect([resource.accepts(b), resource.accepts(a)]).toEqual([true, true]);
    expect(resource.accepts({ token: 3n, ref: "c", alongside: ["b"] })).toBe(true);
    expect([resource.accepts(a), resource.accepts(b)]).toEqual([false, true]);
  });
});
