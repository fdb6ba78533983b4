import { describe, expect, it } from "vitest";
import { KeyRing } from "../src/key-ring.ts";

describe("KeyRing", () => {
  it("retires a key after maxUnknown writes of unknown outcome, and no other", () => {
    const ring = new KeyRing(2, 3);
    const [first, second] = [ring.name(0), ring.name(1)];
    ring.noteUnknown(first);
    ring.noteUnknown(second);
    ring.noteUnknown(first);
    expect([ring.name(0), ring.name(1)]).toEqual([first, second]);
    ring.noteUnknown(first);
    expect(ring.name(0)).not.toBe(first);
    expect(ring.name(1)).toBe(second);
  });

  it("a write that was under way when its key was retired does not count for the next one", () => {
    const ring = new KeyRing(1, 2);
    const retired = ring.name(0);
    for (let write = 0; write < 4; write++) ring.noteUnknown(retired);
    const next = ring.name(0);
    ring.noteUnknown(next);
    expect(ring.name(0)).toBe(next);
  });

  it("never gives a name twice", () => {
    const ring = new KeyRing(3, 1);
    const names = new Set<string>();
    for (let round = 0; round < 10; round++) {
      for (let place = 0; place < ring.count; place++) {
        names.add(ring.name(place));
        ring.noteUnknown(ring.name(place));
      }
    }
    expect(names.size).toBe(30);
  });
});
