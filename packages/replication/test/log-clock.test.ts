import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { LogClock } from "../src/index.ts";

describe("LogClock", () => {
  it("goes on from the log's latest time, at the pace of the monotonic clock", async () => {
    const clock = new VirtualClock();
    await clock.advance(5_000);
    const logClock = new LogClock(clock);
    logClock.resumeFrom(70);
    await clock.advance(30);
    expect(logClock.now()).toBe(100);
  });

  it("raft.md 26: a wall clock that jumps moves nothing", async () => {
    const clock = new VirtualClock();
    const logClock = new LogClock(clock);
    clock.wallTime = () => 1e15;
    await clock.advance(10);
    expect(logClock.now()).toBe(10);
  });
});
