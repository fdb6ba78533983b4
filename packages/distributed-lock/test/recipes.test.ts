import { describe, expect, it } from "vitest";
import type { HeldLock } from "../src/index.ts";
import { LockWorld, TTL_MS } from "./lock-world.ts";

describe("a read-write lock", () => {
  it("is held by many readers or by one writer", async () => {
    const { locks } = new LockWorld().process();
    const { read, write } = locks.readWriteLock("rw");
    const readers = [await read.acquire(), await read.acquire()];
    expect(await write.tryAcquire()).toBeNull();
    for (const reader of readers) await reader.release();
    const writer = await write.acquire();
    expect(await read.tryAcquire()).toBeNull();
    expect(await write.tryAcquire()).toBeNull();
    expect(await locks.mutex("rw").tryAcquire()).toBeNull();
    await writer.release();
  });

  it("is fair: a reader does not pass a waiting writer, who does not starve", async () => {
    const world = new LockWorld();
    const { locks } = world.process();
    const { read, write } = locks.readWriteLock("rw");
    const got: string[] = [];
    const first = await read.acquire();
    const note = (name: string) => (held: HeldLock) => {
      got.push(name);
      return held;
    };
    const writer = write.acquire().then(note("writer"));
    await world.clock.advance(1);
    const late = [read.acquire().then(note("r1")), read.acquire().then(note("r2"))];
    await world.clock.advance(1);
    expect(await read.tryAcquire()).toBeNull();
    expect(got).toEqual([]);
    await first.release();
    await (await writer).release();
    await Promise.all(late);
    expect(got).toEqual(["writer", "r1", "r2"]);
    const listed = await read.list();
    expect(listed.map(({ role, holds }) => `${role} ${holds}`)).toEqual([
      "shared true",
      "shared true",
    ]);
  });
});

describe("a semaphore", () => {
  it("is held by as many as there are permits, in the order in which they came", async () => {
    const world = new LockWorld();
    const { locks } = world.process();
    const semaphore = locks.semaphore("s", 3);
    const held = await Promise.all([1, 2, 3].map(() => semaphore.acquire()));
    const got: number[] = [];
    const waiting = [1, 2, 3].map((at) =>
      semaphore.acquire().then((next) => {
        got.push(at);
        return next;
      }),
    );
    await world.clock.advance(1);
    expect((await semaphore.list()).map(({ holds }) => holds)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    await held[1]!.release(); // not the first one
    await world.clock.advance(1);
    expect(got).toEqual([1]);
    await held[0]!.release();
    await held[2]!.release();
    const rest = await Promise.all(waiting);
    expect(got).toEqual([1, 2, 3]);
    expect(rest[2]!.alongside).toEqual([rest[1]!.ref, rest[0]!.ref]);
  });

  it.each([0, 1.5, 1_001])("refuses %d permits", (permits) => {
    const { locks } = new LockWorld().process();
    expect(() => locks.semaphore("s", permits)).toThrow("permits");
  });
});

describe("an election", () => {
  it("shows everybody who leads, by its metadata, and each change", async () => {
    const world = new LockWorld();
    const [ada, bob, watcher] = [world.process(), world.process(), world.process()];
    const seen: (string | undefined)[] = [];
    const stop = new AbortController();
    const observing = (async () => {
      const election = watcher.locks.election("e");
      for await (const leader of election.observe({ signal: stop.signal })) {
        seen.push(leader?.metadata);
      }
    })();
    await world.clock.advance(1);
    const election = ada.locks.election("e");
    const leads = await election.campaign({ metadata: "ada:80" });
    const next = bob.locks.election("e").campaign({ metadata: "bob:80" });
    await world.clock.advance(1);
    await election.resign(leads);
    await world.clock.advance(1);
    bob.flaky.fate = () => "lost";
    await world.clock.advance(TTL_MS);
    expect((await next).isValid).toBe(false);
    expect(await election.leader()).toBeUndefined();
    expect(seen).toEqual([undefined, "ada:80", "bob:80", undefined]);
    stop.abort();
    await observing;
  });
});

describe("a barrier", () => {
  it("holds up who comes, until the last who raised it is gone, however", async () => {
    const world = new LockWorld();
    const [ada, bob, cyd] = [world.process(), world.process(), world.process()];
    await cyd.locks.barrier("b").wait(); // not up
    const raised = await ada.locks.barrier("b").raise();
    await bob.locks.barrier("b").raise();
    let isThrough = false;
    const through = cyd.locks
      .barrier("b")
      .wait()
      .then(() => (isThrough = true));
    const late = expect(cyd.locks.barrier("b").wait({ waitMs: 100 })).rejects.toMatchObject({
      code: "acquire-timeout",
    });
    await world.clock.advance(100);
    await late;
    await raised.release();
    await world.clock.advance(100);
    expect(isThrough).toBe(false);
    bob.flaky.fate = () => "lost";
    await world.until(through);
    expect(world.clock.now()).toBeLessThanOrEqual(TTL_MS + 20);
  });
});
