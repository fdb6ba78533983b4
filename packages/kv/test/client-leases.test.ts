import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KvClient, type KvLease, utf8 } from "../src/index.ts";
import { RaftCluster } from "./raft-cluster.ts";

let cluster: RaftCluster;
let client: KvClient;

beforeEach(async () => {
  cluster = new RaftCluster();
  client = await cluster.start();
});

afterEach(() => cluster.stop());

async function granted(ttlSeconds: number, keepAlive = true): Promise<KvLease> {
  return cluster.settled(client.grantLease({ ttlSeconds, keepAlive }));
}

async function isThere(key: string): Promise<boolean> {
  return (await cluster.settled(client.get(key))) !== undefined;
}

describe("leases through the client", () => {
  it("a lease is renewed by itself, and revoked with its keys", async () => {
    const lease = await granted(3);
    await cluster.settled(
      client.transaction({
        compares: [],
        success: [{ kind: "put", key: "k", value: "v", lease: lease.id }],
        failure: [],
      }),
    );
    await cluster.clock.advance(60_000);
    expect(lease.lost.aborted).toBe(false);
    expect(await isThere("k")).toBe(true);
    expect(await cluster.settled(lease.revoke())).toMatchObject({ result: { deleted: 1 } });
    expect(lease.lost.reason).toMatchObject({ code: "stopped" });
    expect(await isThere("k")).toBe(false);
    expect(await cluster.settled(client.leases())).toEqual([]);
  });

  it("without keep-alive it is lost when its time is over, counted from when the request was sent", async () => {
    const sentAtMs = cluster.clock.now();
    const lease = await granted(5, false);
    expect(lease.validUntilMs).toBe(sentAtMs + 5_000);
    await cluster.clock.advance(lease.validUntilMs - cluster.clock.now() - 1);
    expect(lease.lost.aborted).toBe(false);
    await cluster.clock.advance(1);
    expect(lease.lost.reason).toMatchObject({ code: "lease-expired" });
    await cluster.until(() => cluster.members.get(cluster.leader!)!.machine.leases().length === 0);
    await expect(lease.keepAliveOnce()).rejects.toMatchObject({ code: "lease-expired" });
  });

  it("keepAliveOnce renews it from when it was sent", async () => {
    const lease = await granted(5, false);
    await cluster.clock.advance(3_000);
    const sentAtMs = cluster.clock.now();
    expect(await cluster.settled(lease.keepAliveOnce())).toBe(5);
    expect(lease.validUntilMs).toBe(sentAtMs + 5_000);
    const standing = await cluster.settled(client.timeToLive(lease.id));
    expect(standing).toMatchObject({ id: lease.id, ttlSeconds: 5, keys: [] });
    expect(standing!.remainingMs).toBeGreaterThanOrEqual(lease.validUntilMs - cluster.clock.now());
  });

  it("one that somebody else revokes is lost as `lease-not-found`, by its next renewal", async () => {
    const lease = await granted(6);
    expect(await cluster.settled(client.revokeLease(lease.id))).toMatchObject({
      kind: "committed",
    });
    await cluster.clock.advance(2_100);
    expect(lease.lost.reason).toMatchObject({ code: "lease-not-found" });
    expect(await cluster.settled(client.timeToLive(lease.id))).toBeUndefined();
  });

  it("outlives its leader, and has its full time at the next one", async () => {
    const lease = await granted(4);
    for (let failover = 0; failover < 2; failover++) {
      const victim = cluster.leader!;
      await cluster.crash(victim);
      await cluster.until(() => cluster.leader !== undefined && cluster.leader !== victim);
      const promotedAtMs = cluster.clock.now();
      await cluster.boot(victim);
      const standing = await cluster.settled(client.timeToLive(lease.id));
      expect(standing!.remainingMs).toBeGreaterThan(
        promotedAtMs + 4_000 - cluster.clock.now() - 20,
      );
      await cluster.clock.advance(10_000);
    }
    expect(lease.lost.aborted).toBe(false);
    expect(await cluster.settled(client.leases())).toEqual([{ id: lease.id, ttlSeconds: 4 }]);
  });

  it("all leases of a client are renewed in one request", async () => {
    const leases: KvLease[] = [];
    for (let each = 0; each < 20; each++) {
      leases.push(await granted(6));
      await cluster.clock.advance(10);
    }
    const before = cluster.keepAlives;
    await cluster.clock.advance(60_000);
    expect(leases.every(({ lost }) => !lost.aborted)).toBe(true);
    const requests = cluster.keepAlives - before;
    expect(requests).toBeGreaterThan(20);
    expect(requests).toBeLessThan(45);
  });

  it("a client that is cut off loses it by its own clock, before the store does", async () => {
    const lease = await granted(4);
    await cluster.settled(
      client.transaction({
        compares: [],
        success: [{ kind: "put", key: "k", value: "v", lease: lease.id }],
        failure: [],
      }),
    );
    await cluster.clock.advance(5_000);
    cluster.cutOffClient();
    const { machine } = cluster.members.get(cluster.leader!)!;
    const keysAtLoss = new Promise((resolve) => {
      lease.lost.addEventListener("abort", () => resolve(machine.lease(lease.id)?.keys.map(utf8)));
    });
    await cluster.until(() => lease.lost.aborted);
    expect(lease.lost.reason).toMatchObject({ code: "lease-expired" });
    expect(cluster.clock.now()).toBeGreaterThanOrEqual(lease.validUntilMs);
    expect(cluster.clock.now()).toBeLessThanOrEqual(lease.validUntilMs + 5);
    expect(await keysAtLoss).toEqual(["k"]);
    await cluster.until(() => machine.lease(lease.id) === undefined);
  });

  it("stop loses what the client held, and asks no more", async () => {
    const lease = await granted(4);
    await cluster.settled(client.stop());
    expect(lease.lost.reason).toMatchObject({ code: "stopped" });
    await expect(client.grantLease({ ttlSeconds: 4 })).rejects.toMatchObject({ code: "stopped" });
  });

  it("a grant is refused as the store says, and an aborted one with the signal's reason", async () => {
    const lease = await cluster.settled(client.grantLease({ ttlSeconds: 9, id: 7 }));
    expect(lease).toMatchObject({ id: 7, ttlSeconds: 9 });
    await expect(
      cluster.settled(client.grantLease({ ttlSeconds: 9, id: 7 })),
    ).rejects.toMatchObject({ code: "lease-exists" });
    const reason = new Error("enough");
    await expect(
      cluster.settled(client.grantLease({ ttlSeconds: 9, signal: AbortSignal.abort(reason) })),
    ).rejects.toBe(reason);
  });

  it("compact forgets what was before a revision", async () => {
    for (let write = 0; write < 3; write++) await cluster.settled(client.put("k", `${write}`));
    expect(await cluster.settled(client.compact(3))).toMatchObject({ kind: "committed" });
    await expect(
      cluster.settled(client.range({ key: "k", rangeEnd: "" }, { revision: 2 })),
    ).rejects.toMatchObject({ code: "compacted" });
    expect(await cluster.settled(client.compact(3))).toEqual({
      kind: "rejected",
      reason: "compacted",
    });
    expect(await cluster.settled(client.disarm())).toMatchObject({ result: { disarmed: false } });
  });
});
