import { describe, expect, it } from "vitest";
import { KeyRing } from "../sim/key-ring.ts";

describe("KeyRing", () => {
  it("retires a key after maxUnknown writes of unknown outcome, and no other", () => {
    const ring = new KeyRing(2, 3);
    const [first, second] = [ring.names[0]!, ring.names[1]!];
    ring.noteUnknown(first);
    ring.noteUnknown(second);
    ring.noteUnknown(first);
    expect([ring.names[0]!, ring.names[1]!]).toEqual([first, second]);
    ring.noteUnknown(first);
    expect(ring.names[0]!).not.toBe(first);
    expect(ring.names[1]!).toBe(second);
  });

  it("a write that was under way when its key was retired does not count for the next one", () => {
    const ring = new KeyRing(1, 2);
    const retired = ring.names[0]!;
    for (let write = 0; write < 4; write++) ring.noteUnknown(retired);
    const next = ring.names[0]!;
    ring.noteUnknown(next);
    expect(ring.names[0]!).toBe(next);
  });

  it("never gives a name twice", () => {
    const ring = new KeyRing(3, 1);
    const names = new Set<string>();
    for (let round = 0; round < 10; round++) {
      for (let place = 0; place < ring.names.length; place++) {
        names.add(ring.names[place]!);
        ring.noteUnknown(ring.names[place]!);
      }
    }
    expect(names.size).toBe(30);
  });
});
