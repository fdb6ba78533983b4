import { seededRandom } from "@quorate/runtime";
import { VirtualClock } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import {
  Aborted,
  AcquireTimeout,
  createLocks,
  LockError,
  LockLost,
  type Locks,
  type LocksOptions,
} from "../src/index.ts";
import { createMemoryStore } from "../src/memory/index.ts";
import { FlakyStore } from "./flaky-store.ts";

const TTL_MS = 3_000;

/** Processes that lock in one store, and the time in which they do. */
class World {
  readonly clock = new VirtualClock();
  readonly store = createMemoryStore({ clock: this.clock });

  process(options: LocksOptions = {}): { readonly locks: Locks; readonly flaky: FlakyStore } {
    const flaky = new FlakyStore();
    const locks = createLocks(
      flaky.to(this.store),
      { ttlMs: TTL_MS, requestTimeoutMs: 1_000, ...options },
      { clock: this.clock, random: seededRandom(1) },
    );
    return { locks, flaky };
  }
}

describe("a mutex", () => {
  it("is held by one at a time, first come, first served, under tokens that grow", async () => {
    const world = new World();
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
    const world = new World();
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
    const world = new World();
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
    const world = new World();
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
});
