import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ReplicationError } from "@quorate/replication";
import { Ledger } from "@quorate/replication/compliance";
import { FileSystemError } from "@quorate/runtime";
import { describe, expect, it } from "vitest";
import { createRaftNode } from "../src/index.ts";
import { bytes } from "./core-cluster.ts";
import { type Member, VirtualRaftCluster } from "./virtual-raft-cluster.ts";

type Cluster = VirtualRaftCluster<Ledger>;

async function started(options = {}, size = 3): Promise<Cluster> {
  return new VirtualRaftCluster(size, () => new Ledger(), options).start();
}

async function until(cluster: Cluster, holds: () => boolean): Promise<void> {
  for (let step = 0; !holds(); step++) {
    if (step > 3_000) throw new Error(`waited in vain for ${String(holds)}`);
    await cluster.pass(10);
  }
}

async function leader(cluster: Cluster): Promise<Member<Ledger>> {
  const leads = (): Member<Ledger> | undefined =>
    cluster.members.find(({ log }) => log.status().role === "leader");
  await until(cluster, () => leads() !== undefined);
  return leads()!;
}

async function propose(cluster: Cluster, member: Member<Ledger>, text: string): Promise<string> {
  let kind = "";
  void member.log.propose(bytes(text)).then((outcome) => (kind = outcome.kind));
  await until(cluster, () => kind !== "");
  return kind;
}

describe("a Raft node", () => {
  it("raft.md 2: a failed fsync stops the node; it says so, and answers nothing more", async () => {
    const cluster = await started();
    const failing = await leader(cluster);
    await propose(cluster, failing, "before");
    const failures: ReplicationError[] = [];
    failing.log.onFailure((error) => failures.push(error));
    failing.disk.onOperation = ({ operation, path }) => {
      if (operation !== "writeDurably" && operation !== "sync") return;
      throw new FileSystemError("io-error", path, "EIO: the disk is gone");
    };
    const outcome = failing.log.propose(bytes("lost"));
    await until(cluster, () => failures.length > 0);
    expect(failures).toMatchObject([{ code: "storage-failed" }]);
    expect(await outcome).toMatchObject({ kind: "unknown", reason: "stopped" });
    expect(failing.log.status().role).toBe("stopped");
    expect(failing.log.explain().join()).toContain("EIO");
    failing.disk.onOperation = () => {};
    const next = await leader(cluster);
    expect(next.name).not.toBe(failing.name);
    expect(await propose(cluster, next, "after")).toBe("committed");
    await cluster.stop();
  });

  it("an exception from the state machine stops the node: its state cannot be trusted", async () => {
    const cluster = await started({}, 1);
    const only = await leader(cluster);
    only.machine.apply = () => {
      throw new Error("division by zero");
    };
    const failures: ReplicationError[] = [];
    only.log.onFailure((error) => failures.push(error));
    expect(await propose(cluster, only, "a")).toBe("unknown");
    expect(failures).toMatchObject([{ code: "invariant-broken", message: "division by zero" }]);
    await cluster.stop();
  });

  it("everything acknowledged is there after all nodes lost power at once", async () => {
    const cluster = await started();
    const first = await leader(cluster);
    const texts = Array.from({ length: 30 }, (_, at) => `${at}`);
    for (const text of texts) expect(await propose(cluster, first, text)).toBe("committed");
    for (const member of [...cluster.members]) {
      member.disk.crash();
      await member.stop().catch(() => {});
    }
    for (const { name, disk } of [...cluster.members]) await cluster.boot(name, disk);
    await leader(cluster);
    for (const { machine } of cluster.members) {
      await until(cluster, () => machine.lines.length === texts.length);
      expect(machine.lines).toEqual(texts);
    }
    await cluster.stop();
  });

  it("§7: snapshots bound the log; a restart begins from the snapshot, sessions with it", async () => {
    const cluster = await started({ snapshotAfterBytes: 500, catchUpEntries: 5 });
    const first = await leader(cluster);
    const session = { sessionId: 0, sequence: 1, answeredBelow: 1 };
    void first.log.openSession().then((outcome) => {
      if (outcome.kind === "committed") session.sessionId = outcome.result;
    });
    await until(cluster, () => session.sessionId > 0);
    void first.log.propose(bytes("once"), { session });
    for (let at = 0; at < 100; at++) await propose(cluster, first, `line ${at}`);
    await until(cluster, () => first.log.metrics().snapshotsTaken > 2);
    const { firstIndex, lastIndex, snapshotIndex } = first.log.status();
    expect(firstIndex).toBeGreaterThan(50);
    expect(snapshotIndex).toBeGreaterThan(firstIndex);
    expect(lastIndex - firstIndex).toBeLessThan(60);
    await cluster.stop();
    for (const { name, disk } of [...cluster.members]) await cluster.boot(name, disk);
    const next = await leader(cluster);
    let again: unknown;
    void next.log.propose(bytes("once"), { session }).then((outcome) => (again = outcome));
    await until(cluster, () => again !== undefined);
    expect(again).toMatchObject({ kind: "committed", result: bytes("1") });
    expect(next.machine.lines).toHaveLength(101);
    await cluster.stop();
  });

  it("raft.md 21, 27: a follower behind the compacted log gets a snapshot, larger than any message", async () => {
    const cluster = await started({ snapshotAfterBytes: 300_000, catchUpEntries: 0 });
    const first = await leader(cluster);
    const [behind] = cluster.members.filter((member) => member !== first);
    cluster.isolate(behind!.name);
    const line = "x".repeat(100_000);
    for (let at = 0; at < 30; at++) await propose(cluster, first, `${at} ${line}`);
    await until(cluster, () => first.log.status().firstIndex > 20);
    cluster.heal();
    await until(cluster, () => behind!.machine.lines.length === 30);
    expect(behind!.log.metrics().snapshotsReceived).toBeGreaterThan(0);
    expect(behind!.machine.lines).toEqual(first.machine.lines);
    expect(behind!.log.status().snapshotIndex).toBeGreaterThan(0);
    await cluster.stop();
  });

  it("a leader whose snapshot has rotted makes another for the follower that needs it", async () => {
    const cluster = await started({ snapshotAfterBytes: 300, catchUpEntries: 0 });
    const first = await leader(cluster);
    const [behind] = cluster.members.filter((member) => member !== first);
    cluster.isolate(behind!.name);
    for (let at = 0; at < 30; at++) await propose(cluster, first, `line ${at}`);
    await until(cluster, () => first.log.status().snapshotIndex > 20);
    const folder = `/${first.name}/snapshots`;
    const [name] = await first.disk.list(folder);
    first.disk.file(`${folder}/${name}`).flipBit(20, 3);
    cluster.heal();
    await until(cluster, () => behind!.machine.lines.length === 30);
    expect(behind!.machine.lines).toEqual(first.machine.lines);
    await cluster.stop();
  });

  it("of a snapshot with a wrong bit nothing reaches the state machine: the node refuses to start", async () => {
    const given: Uint8Array[] = [];
    class Watched extends Ledger {
      override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
        for await (const chunk of chunks) given.push(chunk);
      }
    }
    const options = { snapshotAfterBytes: 300, catchUpEntries: 0 };
    const cluster = await new VirtualRaftCluster(1, () => new Watched(), options).start();
    const only = await leader(cluster);
    for (let at = 0; at < 30; at++) await propose(cluster, only, `line ${at}`);
    await cluster.stop();
    const [name] = await only.disk.list("/n1/snapshots");
    // In the length of the sessions, at the beginning of the body: 2^32 times as long.
    only.disk.file(`/n1/snapshots/${name}`).flipBit(15, 1);
    await expect(cluster.boot("n1", only.disk)).rejects.toMatchObject({ code: "damaged" });
    expect(given).toEqual([]);
  });

  it("raft.md 22: a proposer whose entry was superseded by a snapshot gets an answer", async () => {
    const cluster = await started({ snapshotAfterBytes: 300, catchUpEntries: 0 });
    const first = await leader(cluster);
    cluster.isolate(first.name);
    let outcome: unknown;
    void first.log
      .propose(bytes("lost"), { timeoutMs: 600_000 })
      .then((found) => (outcome = found));
    const others = cluster.members.filter((member) => member !== first);
    await until(cluster, () => others.some(({ log }) => log.status().role === "leader"));
    const next = others.find(({ log }) => log.status().role === "leader")!;
    for (let at = 0; at < 50; at++) await propose(cluster, next, `line ${at}`);
    cluster.heal();
    await until(cluster, () => outcome !== undefined);
    expect(outcome).toMatchObject({ kind: "unknown" });
    await until(cluster, () => first.machine.lines.length === 50);
    await cluster.stop();
  });

  it("raft.md 27: a command of many megabytes is committed", async () => {
    const cluster = await started({ maxCommandBytes: 10_000_000 });
    const first = await leader(cluster);
    expect(await propose(cluster, first, "x".repeat(9_000_000))).toBe("committed");
    for (const { machine } of cluster.members) {
      await until(cluster, () => machine.lines.length === 1);
    }
    await cluster.stop();
  });

  it("raft.md 16, 17: a node that was paused sees one step of time, and deposes nobody", async () => {
    const cluster = await started();
    const first = await leader(cluster);
    const { term } = first.log.status();
    // A paused process is one whose timers fire late: the clock leaps between two of them.
    const steady = cluster.clock.now.bind(cluster.clock);
    cluster.clock.now = () => steady() + 60_000;
    await cluster.pass(500);
    cluster.clock.now = steady;
    expect(first.log.status()).toMatchObject({ role: "leader", term });
    await cluster.stop();
  });

  it("linearizable reads that arrive together at a follower are each answered", async () => {
    const cluster = await started();
    const first = await leader(cluster);
    await propose(cluster, first, "a");
    const [follower] = cluster.members.filter((member) => member !== first);
    let done = 0;
    for (let at = 0; at < 100; at++) {
      void follower!.log.read(({ lines }) => lines.length).then(({ value }) => (done += value));
    }
    await until(cluster, () => done === 100);
    expect(done).toBe(100);
    await cluster.stop();
  });

  it.each([
    [{ voters: ["n2", "n3"] }, "must have this node"],
    [{ voters: ["n1", "n1"] }, "a name of its own"],
    [{ voters: [] }, "1 to 15"],
    [{ voters: ["n1"], heartbeatMs: 100, electionTimeoutMs: 300 }, "at least 4 × heartbeatMs"],
    [{ voters: ["n1"], maxAppendBytes: 0 }, "maxAppendBytes must be a whole number from 1"],
    [{ voters: ["n1"], maxCommandBytes: 2 ** 30 }, "maxCommandBytes must be at most"],
    [{ voters: ["n1"], maxInflightBytes: 2 ** 30 }, "maxInflightBytes must be at most"],
    [{ voters: ["n1"], maxCommandBytes: 2 ** 24 }, "less than the transport's maxMessageBytes"],
    [{ voters: ["n1"], directory: "" }, "directory must not be empty"],
  ])("options out of range are refused by name: %j", async (options, message) => {
    const cluster = await started({}, 1);
    const [{ transport }] = cluster.members as [Member<Ledger>];
    const all = { directory: "/data", ...options };
    expect(() => createRaftNode(all, { transport, machine: new Ledger() })).toThrow(message);
    await cluster.stop();
  });

  it("diagnostics channels tell of leaders, snapshots and failures", async () => {
    const seen: string[] = [];
    const names = ["leader", "snapshot", "failed"].map((name) => `quorate:raft:${name}`);
    const listener = (_: unknown, name: string | symbol): void => void seen.push(String(name));
    for (const name of names) subscribe(name, listener);
    const cluster = await started({ snapshotAfterBytes: 100 }, 1);
    const only = await leader(cluster);
    for (let at = 0; at < 20; at++) await propose(cluster, only, `line ${at}`);
    await until(cluster, () => only.log.metrics().snapshotsTaken > 0);
    only.disk.onOperation = () => {
      throw new Error("EIO");
    };
    await propose(cluster, only, "lost");
    await cluster.stop();
    for (const name of names) unsubscribe(name, listener);
    expect(new Set(seen)).toEqual(new Set(names));
  });
});
