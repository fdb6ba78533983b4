import { createClient, createCluster } from "redis";
import { describe, expect, it } from "vitest";
import { createLocks } from "../src/index.ts";
import { createRedisStore } from "../src/redis/index.ts";
import { onServer } from "./servers/on-server.ts";
import { REDIS, REDIS_CLUSTER } from "./servers/redis.ts";

onServer(REDIS, (bench) => {
  it("tokens grow also when the server has lost everything, by its clock", async () => {
    const locks = await bench.locks({ ttlMs: 5_000 });
    const before = await locks.mutex("lost").acquire();
    const client = createClient({ url: `redis://127.0.0.1:${bench.server.port}` });
    await client.connect();
    await client.flushAll();
    client.destroy();
    const others = await bench.locks({ ttlMs: 5_000 });
    const after = await others.mutex("lost").acquire();
    expect(after.token).toBeGreaterThan(before.token);
    await expect(before.check()).rejects.toMatchObject({ code: "lock-lost" });
  });

  it("sessions that nobody came across leave nothing behind once others are opened", async () => {
    const { store } = await bench.connect();
    const client = createClient({ url: `redis://127.0.0.1:${bench.server.port}` });
    await client.connect();
    await client.flushAll();
    const { id } = await store.openSession(100);
    const place = { queue: "left", sessionId: id, id, role: "exclusive" } as const;
    await store.join({ ...place, metadata: "", blockers: { roles: "any", limit: 1 } });
    while ((await client.exists(`{quorate:locks}:session:${id}`)) === 1);
    const other = await store.openSession(5_000);
    await store.closeSession(other.id);
    const keys = await client.keys("*");
    client.destroy();
    expect(keys).toEqual(["{quorate:locks}:token"]);
  });

  it("refuses a prefix that would be no hash tag", () => {
    const client = createClient();
    for (const prefix of ["", "a{b", "a}b"]) {
      expect(() => createRedisStore(client, { prefix })).toThrow(/prefix/);
    }
  });
});

onServer(REDIS_CLUSTER, (bench) => {
  describe("by a cluster client", () => {
    it("all keys of a store are of one slot, and its notifications arrive", async () => {
      const cluster = createCluster({
        rootNodes: [{ url: `redis://127.0.0.1:${bench.server.port}` }],
      });
      await cluster.connect();
      const store = createRedisStore(cluster);
      const locks = createLocks(store, { ttlMs: 5_000 });
      const held = await locks.mutex("m").acquire();
      const waiting = locks.mutex("m").acquire();
      while ((await locks.mutex("m").list()).length < 2);
      await held.release();
      expect((await waiting).token).toBeGreaterThan(held.token);
      await locks.stop();
      await store.close();
      cluster.destroy();
    });
  });
});
