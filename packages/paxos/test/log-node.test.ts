import type { Outcome } from "@quorate/replication";
import type { ReplicationError } from "@quorate/replication";
import { Ledger } from "@quorate/replication/compliance";
import { FileSystemError } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { VirtualPaxosCluster } from "./log-virtual-cluster.ts";

type Cluster = VirtualPaxosCluster<Ledger>;
type Member = Cluster["members"][number];

const MAX_STEPS = 3_000;

async function until(cluster: Cluster, holds: () => boolean): Promise<void> {
  for (let step = 0; !holds(); step++) {
    if (step > MAX_STEPS) throw new Error(`waited in vain for ${String(holds)}`);
    await cluster.pass(10);
  }
}

async function settled<T>(cluster: Cluster, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settle = (): void => void (isSettled = true);
  promise.then(settle, settle);
  await until(cluster, () => isSettled);
  return promise;
}

async function leader(cluster: Cluster): Promise<Member> {
  const isLed = (): Member | undefined =>
    cluster.members.find(({ log }) => log.status().role === "leader");
  await until(cluster, () => isLed() !== undefined);
  return isLed()!;
}

function propose(cluster: Cluster, member: Member, text: string): Promise<Outcome> {
  return settled(cluster, member.log.propose(new TextEncoder().encode(text)));
}

function started(size: number, options: object = {}): Promise<Cluster> {
  return new VirtualPaxosCluster(size, () => new Ledger(), options).start();
}

describe("a node of the log", () => {
  it("paxos.md 3: a failed fsync is fatal: it says so, and answers nothing more", async () => {
    const cluster = await started(3);
    const failing = await leader(cluster);
    await propose(cluster, failing, "before");
    const failures: ReplicationError[] = [];
    failing.log.onFailure((error) => failures.push(error));
    failing.disk.onOperation = ({ operation, path }) => {
      if (operation !== "writeDurably" && operation !== "sync") return;
      throw new FileSystemError("io-error", path, "EIO: the disk is gone");
    };
    const outcome = failing.log.propose(new Uint8Array(1));
    await until(cluster, () => failures.length > 0);
    expect(failures).toMatchObject([{ code: "storage-failed" }]);
    expect(await outcome).toMatchObject({ kind: "unknown", reason: "stopped" });
    const next = await leader(cluster);
    expect(await propose(cluster, next, "after")).toMatchObject({ kind: "committed" });
    await cluster.stop();
  });

  it("everything acknowledged is there after all nodes lost power at once", async () => {
    const cluster = await started(3);
    const first = await leader(cluster);
    for (let at = 0; at < 50; at++) await propose(cluster, first, `${at}`);
    const disks = cluster.members.map(({ name, disk }) => ({ name, disk }));
    for (const member of [...cluster.members]) {
      member.disk.crash();
      await member.stop().catch(() => {});
    }
    for (const { name, disk } of disks) await cluster.boot(name, disk);
    const next = await leader(cluster);
    await settled(
      cluster,
      next.log.read(() => 0),
    );
    expect(next.machine.lines).toEqual(Array.from({ length: 50 }, (_, at) => `${at}`));
    await cluster.stop();
  });

  it("a joiner is fed by itself, a snapshot first, and votes once it is added", async () => {
    const cluster = await started(3, { snapshotAfterBytes: 2_000, catchUpEntries: 5 });
    const first = await leader(cluster);
    for (let at = 0; at < 100; at++) await propose(cluster, first, `line ${at} ${"x".repeat(50)}`);
    const joiner = await cluster.boot("n4");
    expect(joiner.log.explain().join()).toContain("does not vote");
    const outcome = await settled(
      cluster,
      first.log.reconfigure({ add: "n4" }, { timeoutMs: 20_000 }),
    );
    expect(outcome).toMatchObject({ kind: "committed", result: ["n1", "n2", "n3", "n4"] });
    expect(joiner.log.metrics().snapshotsReceived).toBeGreaterThan(0);
    await until(cluster, () => joiner.machine.lines.length === 100);
    expect(joiner.log.status()).toMatchObject({ isVoter: true, voters: first.log.status().voters });
    await cluster.stop();
  });

  it("paxos.md 8: a node whose disk was emptied does not vote, says so, and is taken back", async () => {
    const cluster = await started(3);
    const first = await leader(cluster);
    await propose(cluster, first, "a");
    await cluster.pass(1_000); // its voters are bound to their data
    const victim = cluster.members.find((member) => member !== first)!;
    await victim.stop();
    const again = await cluster.boot(victim.name, new MemoryFileSystem());
    await until(cluster, () => again.machine.lines.length === 1);
    expect(again.log.status().isVoter).toBe(false);
    expect(first.log.explain().join()).toContain("lost its data");
    const outcome = await settled(cluster, first.log.reconfigure({ add: victim.name }));
    expect(outcome.kind).toBe("committed");
    await until(cluster, () => again.log.status().isVoter);
    await cluster.stop();
  });

  it("a change is rejected where nobody leads, and a second one while one is under way", async () => {
    const cluster = await started(3);
    const first = await leader(cluster);
    const follower = cluster.members.find((member) => member !== first)!;
    await until(cluster, () => follower.log.status().leader === first.name);
    expect(await follower.log.reconfigure({ remove: "n3" })).toEqual({
      kind: "rejected",
      reason: "not-leader",
      leader: first.name,
    });
    const other = cluster.members.find(({ log }) => log !== first.log)!.name;
    const one = first.log.reconfigure({ remove: other });
    expect(await first.log.reconfigure({ add: "n9" })).toEqual({
      kind: "rejected",
      reason: "overloaded",
    });
    expect(await settled(cluster, one)).toMatchObject({ kind: "committed" });
    await expect(first.log.reconfigure({ voters: [] })).rejects.toMatchObject({
      code: "invalid-option",
    });
    await expect(first.log.reconfigure({ voters: ["n1", "n1"] })).rejects.toMatchObject({
      code: "invalid-option",
    });
    await cluster.stop();
  });

  it("paxos.md 15: a change that is not through in time is unknown, not rejected", async () => {
    const cluster = await started(3);
    const first = await leader(cluster);
    const outcome = await settled(
      cluster,
      first.log.reconfigure({ add: "n9" }, { timeoutMs: 300 }),
    );
    expect(outcome).toEqual({ kind: "unknown", reason: "timeout" });
    await cluster.stop();
  });

  it.each([
    [{ voters: [] }, "voters"],
    [{ voters: ["n1", "n1"] }, "a name of its own"],
    [{ window: 0 }, "window"],
    [{ window: 100_000 }, "window"],
    [{ directory: "" }, "directory"],
    [{ electionTimeoutMs: 10, heartbeatMs: 10 }, "electionTimeoutMs"],
    [{ group: "a/b" }, "group"],
    [{ maxUncommittedBytes: 2 ** 30 }, "maxUncommittedBytes"],
  ])("refuses %j by name", async (options, name) => {
    const error = await started(1, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "invalid-option" });
    expect((error as Error).message).toContain(name);
  });
});
