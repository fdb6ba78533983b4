import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { type HeldLock, LockLost, type Standing } from "../../src/index.ts";
import type { ServerKind } from "./server.ts";
import type { Workbench } from "./workbench.ts";

/** Long enough for a server to start again, and for etcd3 to try it again (5 s after it gave up). */
const TTL_MS = 20_000;

const NOBODY = { roles: "any", limit: 0 } as const;

/** What a server and a network do to locks; the server is up and running after each. */
export function failureCases({ minTtlMs }: ServerKind, bench: Workbench): void {
  describe("when something fails", () => {
    it("connections that are cut cost neither who holds nor who waits their place", async () => {
      const proxy = await bench.proxy();
      const ada = await bench.locks({ ttlMs: TTL_MS }, proxy.port);
      const bob = await bench.locks({ ttlMs: TTL_MS }, proxy.port);
      const held = await ada.mutex("cut").acquire();
      const waiting = bob.mutex("cut").acquire();
      await untilWaiting(ada.mutex("cut"), 2);
      expect(proxy.cut()).toBeGreaterThan(0);
      await checkedAgain(held);
      expect(held.signal.aborted).toBe(false);
      await released(held);
      const next = await waiting;
      expect(next.token).toBeGreaterThan(held.token);
    });

    it("a server that is killed and starts again forgot neither who holds nor who waits", async () => {
      const ada = await bench.locks({ ttlMs: TTL_MS });
      const bob = await bench.locks({ ttlMs: TTL_MS });
      const held = await ada.mutex("killed").acquire();
      const waiting = bob.mutex("killed").acquire();
      await untilWaiting(ada.mutex("killed"), 2);
      await bench.server.process.kill();
      await bench.server.process.start();
      await checkedAgain(held);
      const waits = await Promise.race([waiting, Promise.resolve("waits")]);
      expect(waits).toBe("waits");
      await released(held);
      const next = await waiting;
      expect(next.token).toBeGreaterThan(held.token);
    });

    it("a store whose server hangs rejects as `unreachable`, in time, and waits for nothing", async () => {
      const { store } = await bench.connect(bench.server.port, 1_000);
      const { id } = await store.openSession(TTL_MS);
      const place = { queue: "stuck", sessionId: id, id, role: "exclusive" } as const;
      const joined = await store.join({ ...place, metadata: "", blockers: NOBODY });
      expect(joined).not.toBe("refused");
      bench.server.process.pause();
      try {
        const calls = [
          store.keepAlive(id),
          store.contenders("stuck", 1),
          store.standing(place, NOBODY),
          store.leave(place, (joined as Standing).token),
          store.whenGone("stuck", (joined as Standing).ref),
          store.whenJoined("never"),
        ];
        const outcomes = await Promise.allSettled(calls);
        const error = expect.objectContaining({
          name: "StoreError",
          code: "unreachable",
        }) as unknown;
        expect(outcomes).toEqual(calls.map(() => ({ status: "rejected", reason: error })));
      } finally {
        bench.server.process.resume();
      }
    });

    it("a store that is closed ends its waits, and refuses more, as `stopped`", async () => {
      const opened = await bench.connect();
      const { store } = opened;
      const { id } = await store.openSession(TTL_MS);
      const place = { queue: "closed", sessionId: id, id, role: "exclusive" } as const;
      const joined = await store.join({ ...place, metadata: "", blockers: NOBODY });
      const wait = store.whenGone("closed", (joined as Standing).ref);
      const stopped = { name: "StoreError", code: "stopped" };
      const outcome = expect(wait).rejects.toMatchObject(stopped);
      await store.contenders("closed", 1);
      await opened.close();
      await outcome;
      await expect(store.contenders("closed", 1)).rejects.toMatchObject(stopped);
      await expect(store.whenJoined("closed")).rejects.toMatchObject(stopped);
    });

    it("a server that hangs: its holder knows at its own deadline; later others go on", async () => {
      const ttlMs = 2 * minTtlMs;
      const ada = await bench.locks({ ttlMs });
      const bob = await bench.locks({ ttlMs: TTL_MS });
      const held = await ada.mutex("hangs").acquire();
      const waiting = bob.mutex("hangs").acquire();
      await untilWaiting(bob.mutex("hangs"), 2);
      bench.server.process.pause();
      try {
        await once(held.signal, "abort");
      } finally {
        bench.server.process.resume();
      }
      expect(held.signal.reason).toBeInstanceOf(LockLost);
      expect(held.signal.reason).toMatchObject({ cause: "unreachable" });
      expect(performance.now()).toBeGreaterThanOrEqual(held.validUntil);
      expect(held.isValid).toBe(false);
      const next = await waiting;
      expect(next.token).toBeGreaterThan(held.token);
    });
  });
}

/** The server's own view, as soon as it answers again. */
async function checkedAgain(held: HeldLock): Promise<void> {
  for (;;) {
    try {
      return await held.check();
    } catch (error) {
      if (error instanceof LockLost) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

/** A release that is not confirmed is tried again by the locks. */
async function released(held: HeldLock): Promise<void> {
  await held.release().catch(() => {});
}

async function untilWaiting(
  lock: { list(): Promise<readonly unknown[]> },
  count: number,
): Promise<void> {
  while ((await lock.list()).length < count) await new Promise((next) => setImmediate(next));
}
