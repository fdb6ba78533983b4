import { describe, expect, it } from "vitest";
import { Aborted, AcquireTimeout, LockError, LockLost } from "../src/index.ts";
import { LockWorld, TTL_MS } from "./lock-world.ts";

describe("a mutex", () => {
  it("is held by one at a time, first come, first served, under tokens that grow", async () => {
    const world = new LockWorld();
    const served: string[] = [];
    const tokens: bigint[] = [];
    const work = async (name: string): Promise<void> => {
      const { locks } = world.process();
      await locks.mutex("m").run(({ token }) => {
        served.push(name);
        tokens.push(token);
        return new Promise<void>((resolve) => world.clock.setTimer(500, resolve));
      });
    };
    const all = Promise.all(["ada", "bob", "cyd", "dan"].map(work));
    await world.clock.advance(5_000);
    await all;
    expect(served).toEqual(["ada", "bob", "cyd", "dan"]);
    expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
    expect(new Set(tokens).size).toBe(4);
  });

  it("is renewed for as long as it is held, and free for others at once when released", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process().locks, world.process().locks];
    const held = await ada.mutex("m").acquire();
    await world.clock.advance(10 * TTL_MS);
    expect(held.isValid).toBe(true);
    expect(held.validUntil).toBeGreaterThan(10 * TTL_MS);
    await held.check();
    expect(await bob.mutex("m").tryAcquire()).toBeNull();
    await held.release();
    await held.release();
    expect(held.signal.aborted).toBe(false);
    expect(held.isValid).toBe(false);
    await expect(bob.mutex("m").tryAcquire()).resolves.toMatchObject({ isValid: true });
  });

  it("`await using` releases it, and what the body throws is what is thrown", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    const mutex = locks.mutex("m");
    const broken = mutex.run(() => {
      flaky.fate = (method) => (method === "leave" ? "refused" : "answered");
      throw new Error("the body's own");
    });
    const outcome = expect(broken).rejects.toThrow("the body's own");
    await world.clock.advance(2_000);
    await outcome;
  });

  it("tells who never had it from who lost it: AcquireTimeout, Aborted, LockLost", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const held = await ada.locks.mutex("m").acquire();
    const late = bob.locks.mutex("m").acquire({ waitMs: 1_000 });
    const controller = new AbortController();
    const gaveUp = bob.locks.mutex("m").acquire({ signal: controller.signal });
    const timedOut = expect(late).rejects.toBeInstanceOf(AcquireTimeout);
    await world.clock.advance(1_000);
    await timedOut;
    controller.abort(new Error("no longer wanted"));
    const aborted = await gaveUp.catch((error: unknown) => error);
    expect(aborted).toBeInstanceOf(Aborted);
    expect(aborted).toMatchObject({ code: "aborted", cause: new Error("no longer wanted") });
    ada.flaky.fate = () => "lost";
    await world.clock.advance(TTL_MS);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    expect(held.signal.reason).toBeInstanceOf(LockError);
    expect(held.signal.reason).toMatchObject({ code: "lock-lost", cause: "unreachable" });
    await expect(held.check()).rejects.toBeInstanceOf(LockLost);
  });

  it("is for each handle that was asked for: released with the last", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process().locks, world.process().locks];
    const outer = await ada.mutex("m").acquire();
    const inner = outer.reenter();
    expect(inner.token).toBe(outer.token);
    await outer.release();
    expect(inner.isValid).toBe(true);
    expect(await bob.mutex("m").tryAcquire()).toBeNull();
    await inner.release();
    await expect(bob.mutex("m").tryAcquire()).resolves.not.toBeNull();
  });

  it("is listed with those who wait, and can be taken away from elsewhere", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process().locks, world.process().locks];
    const held = await ada.mutex("m").acquire({ metadata: "ada:80" });
    const waiting = bob.mutex("m").acquire({ metadata: "bob:80" });
    await world.clock.advance(TTL_MS);
    const listed = await bob.mutex("m").list();
    expect(listed.map(({ metadata, holds }) => [metadata, holds])).toEqual([
      ["ada:80", true],
      ["bob:80", false],
    ]);
    const released = await bob.mutex("m").forceRelease({ token: held.token });
    expect(released).toMatchObject([{ token: held.token }]);
    await expect(waiting).resolves.toMatchObject({ isValid: true });
    await world.clock.advance(100);
    expect(held.signal.reason).toMatchObject({ cause: "revoked" });
  });

  it("1,000 waiters: each release wakes exactly one, and costs as many messages as any other", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process({ ttlMs: 1_000_000 });
    const mutex = locks.mutex("m");
    const first = await mutex.acquire();
    const served: number[] = [];
    const all = Promise.all(
      Array.from({ length: 1_000 }, (_, at) => mutex.run(() => void served.push(at))),
    );
    await world.clock.advance(0);
    flaky.calls.length = 0;
    await first.release();
    await world.until(all);
    expect(served).toEqual(Array.from({ length: 1_000 }, (_, at) => at));
    const counts = (method: string): number => flaky.calls.filter((call) => call === method).length;
    expect(counts("leave")).toBe(1_001);
    expect(counts("standing")).toBe(1_000);
    expect(flaky.calls).toHaveLength(2_001);
  });

  it("turns a caller away when maxWaiting wait already", async () => {
    const world = new LockWorld();
    const { locks } = world.process({ maxWaiting: 1 });
    const held = await locks.mutex("m").acquire();
    const waiting = locks.mutex("m").acquire();
    await expect(locks.mutex("n").acquire()).rejects.toMatchObject({ code: "overloaded" });
    await held.release();
    await expect(waiting).resolves.toBeDefined();
  });

  it("stop turns away who waits, and releases what is held", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process().locks, world.process().locks];
    const held = await ada.mutex("m").acquire();
    const waiting = expect(ada.mutex("m").acquire()).rejects.toMatchObject({ code: "stopped" });
    const next = bob.mutex("m").acquire();
    await ada.stop();
    await waiting;
    expect(held.signal.reason).toMatchObject({ cause: "revoked" });
    await expect(next).resolves.toMatchObject({ isValid: true });
    await expect(ada.mutex("m").acquire()).rejects.toMatchObject({ code: "stopped" });
  });

  it.each([
    [{ ttlMs: 1 }, "ttlMs"],
    [{ waitMs: -1 }, "waitMs"],
    [{ metadata: "x".repeat(5_000) }, "metadata"],
  ])("refuses %o", async (options, named) => {
    const { locks } = new LockWorld().process();
    const refused = locks.mutex("m").acquire(options);
    await expect(refused).rejects.toMatchObject({ code: "invalid-option" });
    await expect(refused).rejects.toThrow(named);
  });

  it.each(["", "a\nb", "\ud800", "é".repeat(128)])("refuses the name %j", (name) => {
    const { locks } = new LockWorld().process();
    expect(() => locks.mutex(name)).toThrow(LockError);
  });
});
