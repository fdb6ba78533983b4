import { expect, it } from "vitest";
import { createZooKeeperStore } from "../src/zookeeper/index.ts";
import { onServer } from "./servers/on-server.ts";
import { connectZooKeeper, ZOOKEEPER } from "./servers/zookeeper.ts";

onServer(ZOOKEEPER, (bench) => {
  it("asks the ensemble for a quarter more than it grants: what its leader hears late", async () => {
    const asked: number[] = [];
    const store = createZooKeeperStore((sessionTimeoutMs) => {
      asked.push(sessionTimeoutMs);
      return connectZooKeeper(bench.server.port)(sessionTimeoutMs);
    });
    await expect(store.openSession(4_000)).resolves.toMatchObject({ ttlMs: 4_000 });
    expect(asked).toEqual([5_000]);
    const longest = await store.openSession(600_000);
    expect(longest.ttlMs).toBe(48_000);
    await store.close();
  });

  it("what needs the session of another store is refused as `unsupported`", async () => {
    const [ada, bob] = [(await bench.connect()).store, (await bench.connect()).store];
    const { id } = await ada.openSession(10_000);
    const place = { queue: "foreign", sessionId: id, id, role: "exclusive" } as const;
    const unsupported = { name: "StoreError", code: "unsupported" };
    await expect(bob.keepAlive(id)).rejects.toMatchObject(unsupported);
    await expect(bob.closeSession(id)).rejects.toMatchObject(unsupported);
    await expect(bob.leave(place, undefined)).rejects.toMatchObject(unsupported);
    const request = { ...place, metadata: "", blockers: { roles: "any", limit: 0 } } as const;
    await expect(bob.join(request)).rejects.toMatchObject(unsupported);
  });

  it("refuses a root that is no absolute path", () => {
    for (const root of ["", "/", "a", "/a/", "/a//b"]) {
      const connect = connectZooKeeper(bench.server.port);
      expect(() => createZooKeeperStore(connect, { root })).toThrow(/root/);
    }
  });
});
