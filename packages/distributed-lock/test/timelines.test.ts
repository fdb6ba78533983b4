import { describe, expect, it } from "vitest";
import { Aborted, AcquireTimeout, createLocks, FencedResource, LockLost } from "../src/index.ts";
import { FlakyStore } from "./flaky-store.ts";
import { PausedClock } from "./paused-clock.ts";
import { LockWorld, TTL_MS } from "./lock-world.ts";

describe("Curator's double leaders", () => {
  it("CURATOR-460: time counts from the last renewal, not from when its loss was noticed", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const old = await ada.locks.election("e").campaign();
    const next = bob.locks.election("e").campaign();
    let led: Awaited<typeof next> | undefined;
    void next.then((leadership) => (led = leadership));
    await world.clock.advance(2_500);
    ada.flaky.fate = () => "lost"; // noticed when a renewal is not answered, some 1,000 ms later
    for (let passedMs = 0; passedMs < 2 * TTL_MS; passedMs += 10) {
      await world.clock.advance(10);
      expect([old.isValid, led?.isValid ?? false]).not.toEqual([true, true]);
    }
    expect(led?.isValid).toBe(true);
    expect(old.signal.reason).toMatchObject({ cause: "unreachable" });
  });

  it("CURATOR-504, 644: whoever tries again after a lost answer has one contender, not two", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    let joins = 0;
    flaky.fate = (method) => (method === "join" && joins++ < 2 ? "answer-lost" : "answered");
    const held = await world.until(locks.mutex("m").acquire());
    expect(joins).toBe(3);
    expect(await locks.mutex("m").list()).toHaveLength(1);
    await held.release();
    expect(await locks.mutex("m").list()).toHaveLength(0);
  });

  it("CURATOR-620, 696: back from a loss, nobody leads by a contender of the old session", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const old = await ada.locks.election("e").campaign();
    // The store is told of renewals, so the old contender stays; the answers do not come.
    ada.flaky.fate = (method) => (method === "keepAlive" ? "answer-lost" : "answered");
    await world.clock.advance(TTL_MS);
    expect(old.signal.reason).toBeInstanceOf(LockLost);
    ada.flaky.fate = () => "answered";
    const again = ada.locks.election("e").campaign();
    const other = bob.locks.election("e").campaign();
    await world.clock.advance(10);
    expect(await bob.locks.election("e").leader()).toMatchObject({ token: old.token });
    const led = await world.until(again);
    expect(led.token).toBeGreaterThan(old.token);
    await led.release();
    await expect(other).resolves.toMatchObject({ isValid: true });
  });

  it("CURATOR-202: a release that is not heard is said again, until nothing is left behind", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const held = await ada.locks.mutex("m").acquire();
    let leaves = 0;
    ada.flaky.fate = (method) => (method === "leave" && leaves++ < 2 ? "lost" : "answered");
    const released = held.release().catch((error: unknown) => error);
    await world.clock.advance(1_000);
    expect(await released).toMatchObject({ code: "unreachable" });
    const next = await world.until(bob.locks.mutex("m").acquire());
    expect(next.token).toBeGreaterThan(held.token);
    expect(world.clock.now()).toBeLessThan(TTL_MS); // not by the end of the session
  });
});

describe("what users of redlock ask for", () => {
  it("an abort takes effect at once, not after the retries of anything", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    flaky.fate = (method) => (method === "openSession" ? "answered" : "lost");
    const controller = new AbortController();
    const acquiring = locks.mutex("m").acquire({ signal: controller.signal });
    await world.clock.advance(500);
    controller.abort();
    await expect(acquiring).rejects.toBeInstanceOf(Aborted);
    expect(world.clock.now()).toBe(500);
  });

  it("the signal fires when time passes, not only when a renewal fails", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    const held = await locks.mutex("m").acquire();
    flaky.fate = () => "lost"; // nothing fails: nothing happens at all
    let abortedAtMs = 0;
    held.signal.addEventListener("abort", () => (abortedAtMs = world.clock.now()));
    const { validUntil } = held;
    await world.clock.advance(2 * TTL_MS);
    expect(abortedAtMs).toBe(validUntil);
    expect(abortedAtMs).toBeLessThan(TTL_MS);
  });

  it("a lock that is lost is disposed of at once, and nothing is asked of the store", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    const held = await locks.mutex("m").acquire();
    flaky.fate = () => "lost";
    await world.clock.advance(TTL_MS);
    flaky.calls.length = 0;
    await held[Symbol.asyncDispose]();
    await held.release();
    expect(flaky.calls).toEqual([]);
  });

  it("`run` says so when the lock was lost before the body ended", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    const running = locks.mutex("m").run(async () => {
      flaky.fate = () => "lost";
      await world.clock.advance(TTL_MS);
      return "done";
    });
    await expect(running).rejects.toMatchObject({ code: "lock-lost", cause: "unreachable" });
  });

  it("a wait that times out says what the store has failed with", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    flaky.fate = () => "refused";
    const late = expect(locks.mutex("m").acquire({ waitMs: 500 })).rejects.toBeInstanceOf(
      AcquireTimeout,
    );
    await world.clock.advance(500);
    await late;
    await expect(locks.mutex("m").tryAcquire()).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("Jepsen's findings", () => {
  it("a waiter whose session ended meanwhile does not hold when it is woken", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const held = await ada.locks.mutex("m").acquire();
    const waiting = bob.locks.mutex("m").acquire();
    await world.clock.advance(10);
    const [, old] = await ada.locks.mutex("m").list();
    bob.flaky.fate = (method) => (method === "keepAlive" ? "lost" : "answered");
    await world.clock.advance(TTL_MS);
    await held.release();
    const got = await world.until(waiting);
    expect(got.token).toBeGreaterThan(old!.token);
    await got.check();
  });

  it("who was paused while the answer was under way, beyond its lease, does not hold", async () => {
    const world = new LockWorld();
    const clock = new PausedClock(world.clock);
    const flaky = new FlakyStore();
    const locks = createLocks(flaky.to(world.store), { ttlMs: TTL_MS }, { clock });
    let answer!: () => void;
    const late = new Promise<void>((resolve) => (answer = resolve));
    let joins = 0;
    flaky.fate = (method) => (method === "join" && joins++ === 0 ? late : "answered");
    const waiting = locks.mutex("m").acquire();
    await world.clock.advance(10);
    clock.pause(2 * TTL_MS); // no timer has fired when the answer is looked at
    answer();
    const held = await world.until(waiting);
    expect(held.isValid).toBe(true);
    expect(joins).toBe(2);
    clock.pause(2 * TTL_MS);
    expect(held.signal.aborted).toBe(false);
    expect(held.isValid).toBe(false);
    expect(held.signal.reason).toBeInstanceOf(LockLost);
    await expect(held.check()).rejects.toBeInstanceOf(LockLost);
    const run = locks.mutex("n").run(() => clock.pause(2 * TTL_MS));
    await expect(world.until(run)).rejects.toBeInstanceOf(LockLost);
  });

  it("a holder that was paused beyond its lease writes in vain", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    const resource = new FencedResource();
    const paused = await ada.locks.mutex("m").acquire();
    expect(resource.accepts(paused)).toBe(true);
    ada.flaky.fate = () => "lost";
    const next = await world.until(bob.locks.mutex("m").acquire());
    expect(resource.accepts(next)).toBe(true);
    expect(resource.accepts(paused)).toBe(false);
    expect(() => resource.assertAccepts(paused)).toThrow("older");
    expect(resource.accepts(next)).toBe(true);
  });
});

describe("the end of holders and waiters", () => {
  it("a holder that dies is followed after its ttl", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    await ada.locks.mutex("m").acquire();
    ada.flaky.fate = () => "lost";
    await world.until(bob.locks.mutex("m").acquire(), 1);
    expect(world.clock.now()).toBeLessThanOrEqual(TTL_MS + 10);
  });

  it("Chubby's lock-delay: after an unclean loss others wait longer, after a release they do not", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process({ lockDelayMs: 2_000 }), world.process()];
    const clean = await ada.locks.mutex("m").acquire();
    await clean.release();
    await (await bob.locks.mutex("m").acquire()).release();
    expect(world.clock.now()).toBe(0);
    const held = await ada.locks.mutex("m").acquire();
    ada.flaky.fate = () => "lost";
    await world.until(bob.locks.mutex("m").acquire(), 1);
    expect(held.validUntil).toBeLessThanOrEqual(TTL_MS);
    expect(world.clock.now()).toBeGreaterThanOrEqual(TTL_MS + 2_000);
    expect(world.clock.now()).toBeLessThanOrEqual(TTL_MS + 2_010);
  });

  it("a join that arrives after its caller gave up gets in nobody's way", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    await (await ada.locks.mutex("other").acquire()).release();
    let arrive!: () => void;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    ada.flaky.fate = (method) => (method === "join" ? late : "answered");
    const waiting = expect(ada.locks.mutex("m").acquire({ waitMs: 100 })).rejects.toBeInstanceOf(
      AcquireTimeout,
    );
    await world.clock.advance(100);
    await waiting;
    arrive();
    await world.clock.advance(10);
    expect(await bob.locks.mutex("m").list()).toEqual([]);
    await expect(bob.locks.mutex("m").tryAcquire()).resolves.not.toBeNull();
  });

  it("a join that arrives after the lock was got by another try, and released, gets in nobody's way", async () => {
    const world = new LockWorld();
    const [ada, bob] = [world.process(), world.process()];
    let arrive!: () => void;
    const late = new Promise<void>((resolve) => (arrive = resolve));
    let joins = 0;
    ada.flaky.fate = (method) => (method === "join" && joins++ === 0 ? late : "answered");
    const held = await world.until(ada.locks.mutex("m").acquire());
    await held.release();
    arrive();
    await world.clock.advance(10);
    expect(await bob.locks.mutex("m").list()).toEqual([]);
  });

  it("a session tells of jeopardy before its locks are lost, and of safety after a scare", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    const session = await locks.openSession();
    const held = await locks.mutex("m").acquire({ session });
    const events: string[] = [];
    session.onEvent(({ kind }) => events.push(`${kind} ${held.isValid}`));
    flaky.fate = () => "lost";
    await world.clock.advance(2_200);
    flaky.fate = () => "answered";
    await world.clock.advance(700);
    expect(events).toEqual(["jeopardy true", "safe true"]);
    flaky.fate = () => "refused";
    await world.clock.advance(TTL_MS);
    expect(events).toEqual(["jeopardy true", "safe true", "jeopardy true", "expired false"]);
    expect(held.signal.aborted).toBe(true);
    const refused = locks.mutex("m").acquire({ session });
    await expect(refused).rejects.toMatchObject({ code: "session-expired" });
  });

  it("a shared session that nobody uses is closed, and keeps no process alive", async () => {
    const world = new LockWorld();
    const { locks, flaky } = world.process();
    await locks.mutex("m").run(() => {});
    await world.clock.advance(3 * TTL_MS);
    expect(flaky.calls.filter((call) => call === "closeSession")).toHaveLength(1);
    flaky.calls.length = 0;
    await world.clock.advance(10 * TTL_MS);
    expect(flaky.calls).toEqual([]);
    await expect(locks.mutex("m").run(({ token }) => token)).resolves.toBe(2n);
  });
});
