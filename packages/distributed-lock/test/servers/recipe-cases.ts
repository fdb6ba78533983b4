import { describe, expect, it } from "vitest";
import { AcquireTimeout, FencedResource, LockLost } from "../../src/index.ts";
import type { Workbench } from "./workbench.ts";

const TTL_MS = 10_000;

/** The recipes, by processes with clients of their own, in real time. */
export function recipeCases(bench: Workbench): void {
  describe("the locks", () => {
    it("a mutex is held by one at a time, and its tokens grow", async () => {
      const all = [await bench.locks({ ttlMs: TTL_MS }), await bench.locks({ ttlMs: TTL_MS })];
      let holders = 0;
      const tokens: bigint[] = [];
      const work = Array.from({ length: 12 }, (_, at) =>
        all[at % 2]!.mutex("mutex").run(async ({ token }) => {
          expect(++holders).toBe(1);
          tokens.push(token);
          await new Promise((resolve) => setImmediate(resolve));
          holders--;
        }),
      );
      await Promise.all(work);
      expect(tokens).toHaveLength(12);
      expect(tokens).toEqual(tokens.toSorted((a, b) => Number(a - b)));
      expect(new Set(tokens).size).toBe(12);
    });

    it("a mutex is given in the order in which they came, and to nobody before", async () => {
      const [ada, bob] = [
        await bench.locks({ ttlMs: TTL_MS }),
        await bench.locks({ ttlMs: TTL_MS }),
      ];
      const mutex = ada.mutex("order");
      const held = await mutex.acquire();
      const served: number[] = [];
      const waiting: Promise<void>[] = [];
      for (let at = 0; at < 6; at++) {
        const locks = at % 2 === 0 ? ada : bob;
        waiting.push(locks.mutex("order").run(() => void served.push(at)));
        while ((await mutex.list()).length < at + 2)
          await new Promise((next) => setImmediate(next));
      }
      await expect(bob.mutex("order").acquire({ waitMs: 50 })).rejects.toBeInstanceOf(
        AcquireTimeout,
      );
      await expect(bob.mutex("order").tryAcquire()).resolves.toBeNull();
      expect(served).toEqual([]);
      await held.release();
      await Promise.all(waiting);
      expect(served).toEqual([0, 1, 2, 3, 4, 5]);
    });

    it("readers hold together, a writer alone, and readers after it wait for it", async () => {
      const [ada, bob] = [
        await bench.locks({ ttlMs: TTL_MS }),
        await bench.locks({ ttlMs: TTL_MS }),
      ];
      const [first, second] = [
        await ada.readWriteLock("rw").read.acquire(),
        await bob.readWriteLock("rw").read.acquire(),
      ];
      const writing = ada.readWriteLock("rw").write.acquire();
      while ((await bob.readWriteLock("rw").write.list()).length < 3) {
        await new Promise((next) => setImmediate(next));
      }
      await expect(bob.readWriteLock("rw").read.tryAcquire()).resolves.toBeNull();
      await first.release();
      await second.release();
      const writer = await writing;
      expect(writer.token).toBeGreaterThan(second.token);
      await writer.check();
      const reading = bob.readWriteLock("rw").read.acquire();
      await writer.release();
      await expect(reading).resolves.toMatchObject({ isValid: true });
    });

    it("a semaphore is held by as many as it has permits", async () => {
      const [ada, bob] = [
        await bench.locks({ ttlMs: TTL_MS }),
        await bench.locks({ ttlMs: TTL_MS }),
      ];
      const first = await ada.semaphore("permits", 2).acquire();
      await bob.semaphore("permits", 2).acquire();
      await expect(bob.semaphore("permits", 2).tryAcquire()).resolves.toBeNull();
      const third = bob.semaphore("permits", 2).acquire();
      await first.release();
      await expect(third).resolves.toMatchObject({ isValid: true });
    });

    it("an election has one leader, whom all see, and who was deposed learns of it", async () => {
      const [ada, bob] = [
        await bench.locks({ ttlMs: TTL_MS }),
        await bench.locks({ ttlMs: TTL_MS }),
      ];
      const seen = bob.election("chair").observe()[Symbol.asyncIterator]();
      expect((await seen.next()).value).toBeUndefined();
      const leading = await ada.election("chair").campaign({ metadata: "ada:80" });
      expect((await seen.next()).value).toMatchObject({ metadata: "ada:80", token: leading.token });
      const next = bob.election("chair").campaign({ metadata: "bob:80" });
      await bob.mutex("chair").forceRelease({ token: leading.token });
      expect((await next).token).toBeGreaterThan(leading.token);
      await expect(leading.check()).rejects.toBeInstanceOf(LockLost);
      await expect(bob.election("chair").leader()).resolves.toMatchObject({ metadata: "bob:80" });
      await seen.return!(undefined);
    });

    it("a resource that checks tokens refuses who held the lock before", async () => {
      const locks = await bench.locks({ ttlMs: TTL_MS });
      const resource = new FencedResource();
      const first = await locks.mutex("fenced").acquire();
      await first.release();
      const second = await locks.mutex("fenced").acquire();
      expect(resource.accepts(second)).toBe(true);
      expect(resource.accepts(first)).toBe(false);
    });
  });
}
