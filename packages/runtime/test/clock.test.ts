import { describe, expect, it } from "vitest";
import { systemClock } from "../src/index.ts";
import { VirtualClock } from "../src/testing/index.ts";

describe("systemClock", () => {
  it("never goes back", () => {
    let before = systemClock.now();
    for (let reading = 0; reading < 10_000; reading++) {
      const now = systemClock.now();
      expect(now).toBeGreaterThanOrEqual(before);
      before = now;
    }
  });

  it("tells the system's time of day", () => {
    const before = Date.now();
    const told = systemClock.wallTime();
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(Date.now());
  });

  it("fires a timer once, at least its delay later, never from within the call", async () => {
    const startedAt = systemClock.now();
    let inCall = true;
    const firedInCall = await new Promise<boolean>((resolve) => {
      systemClock.setTimer(1.5, () => resolve(inCall));
      inCall = false;
    });
    expect(firedInCall).toBe(false);
    // setTimeout counts whole milliseconds of a coarser clock, which may be one short.
    expect(systemClock.now() - startedAt).toBeGreaterThanOrEqual(1);
  });

  it("does not fire a timer that was cancelled; cancelling again has no effect", async () => {
    let fired = false;
    const cancelled = systemClock.setTimer(0, () => (fired = true));
    cancelled.cancel();
    cancelled.cancel();
    await new Promise<void>((resolve) => systemClock.setTimer(2, resolve));
    expect(fired).toBe(false);
  });

  it("does not fire a delay at once that is longer than setTimeout takes", async () => {
    let fired = false;
    const timer = systemClock.setTimer(2 ** 31 + 1_000, () => (fired = true));
    await new Promise<void>((resolve) => systemClock.setTimer(5, resolve));
    timer.cancel();
    expect(fired).toBe(false);
  });
});

describe("VirtualClock", () => {
  it("stands still until told to move; then both times move together", async () => {
    const clock = new VirtualClock();
    expect([clock.now(), clock.wallTime()]).toEqual([0, 0]);
    await clock.advance(1_500);
    expect([clock.now(), clock.wallTime()]).toEqual([1_500, 1_500]);
  });

  it("fires in the order of the times, and of the setting where they are equal", async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimer(20, () => fired.push(`second at ${clock.now()}`));
    clock.setTimer(10, () => fired.push(`first at ${clock.now()}`));
    clock.setTimer(20, () => fired.push(`third at ${clock.now()}`));
    await clock.advance(19);
    expect(fired).toEqual(["first at 10"]);
    await clock.advance(1);
    expect(fired).toEqual(["first at 10", "second at 20", "third at 20"]);
  });

  it("fires what is set on the way, if it falls due on the way", async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    const repeat = (): void => {
      fired.push(clock.now());
      clock.setTimer(10, repeat);
    };
    clock.setTimer(10, repeat);
    await clock.advance(35);
    expect(fired).toEqual([10, 20, 30]);
  });

  it("runs promise callbacks between two timers", async () => {
    const clock = new VirtualClock();
    const order: string[] = [];
    clock.setTimer(1, () => void Promise.resolve().then(() => order.push("callback of the first")));
    clock.setTimer(2, () => order.push("second"));
    await clock.advance(2);
    expect(order).toEqual(["callback of the first", "second"]);
  });

  it("does not fire a timer that was cancelled", async () => {
    const clock = new VirtualClock();
    let fired = 0;
    clock.setTimer(10, () => fired++).cancel();
    const other = clock.setTimer(10, () => fired++);
    await clock.advance(10);
    other.cancel(); // fired: no effect
    expect(fired).toBe(1);
  });

  it("moves on until a promise settles, and no further", async () => {
    const clock = new VirtualClock();
    const after = (ms: number) => new Promise<void>((resolve) => clock.setTimer(ms, resolve));
    await clock.until(after(3).then(() => after(4)));
    expect(clock.now()).toBe(7);
    await expect(clock.until(Promise.reject(new Error("no")))).rejects.toThrow("no");
    await expect(clock.until(after(11), 10)).rejects.toThrow("not settled at 7 ms");
  });
});
