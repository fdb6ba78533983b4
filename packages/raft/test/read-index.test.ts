import { describe, expect, it } from "vitest";
import { CoreCluster, isolated } from "./core-cluster.ts";

describe("ReadIndex (dissertation, §6.4)", () => {
  it("a read is confirmed with the commit index of its beginning, by a quorum's answers", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.propose("n1", "a");
    cluster.run(20);
    cluster.act("n1", (core) => core.read(7));
    expect(cluster.reads.get("n1")).toEqual([]);
    cluster.settle();
    expect(cluster.reads.get("n1")).toEqual([{ id: 7, index: 2 }]);
  });

  it("a follower confirms nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    expect(cluster.act("n2", (core) => core.read(1))).toBe(false);
  });

  it("raft.md 13: waits for the first commit of the leader's own term", () => {
    const cluster = new CoreCluster(3);
    cluster.delivers = ({ message }) => message.type !== "append-request";
    cluster.elect("n1");
    cluster.act("n1", (core) => core.read(1));
    cluster.settle();
    cluster.run(50);
    expect(cluster.core("n1").role).toBe("leader");
    expect(cluster.reads.get("n1")).toEqual([]);
    cluster.delivers = () => true;
    cluster.run(50);
    expect(cluster.reads.get("n1")).toEqual([{ id: 1, index: 1 }]);
  });

  it("raft.md 14: answers that were on their way when the read came confirm nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    // Heartbeats that went out before the read, whose answers come after it.
    cluster.act("n1", (core) => core.tick(10));
    const early = cluster.network.splice(0);
    cluster.act("n1", (core) => core.read(1));
    const late = cluster.network.splice(0);
    for (const envelope of early) cluster.deliver(envelope);
    cluster.settle();
    expect(cluster.reads.get("n1")).toEqual([]);
    for (const envelope of late) cluster.deliver(envelope);
    cluster.settle();
    expect(cluster.reads.get("n1")).toEqual([{ id: 1, index: 1 }]);
  });

  it("raft.md 14: a batched read never gets the index of an older round", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    cluster.act("n1", (core) => core.read(1));
    const round = cluster.network.splice(0);
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.act("n1", (core) => core.read(2));
    for (const envelope of round) cluster.deliver(envelope);
    cluster.settle();
    expect(cluster.reads.get("n1")).toEqual([
      { id: 1, index: 1 },
      { id: 2, index: 2 },
    ]);
  });

  it("raft.md 14: a deposed leader confirms no read, whatever answers come late", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = isolated("n1");
    cluster.act("n1", (core) => core.read(1));
    const { readRound } = cluster.sentOf("heartbeat").at(-1)!.message;
    const { term } = cluster.core("n1").server;
    cluster.run(1_000);
    expect(cluster.abandonedReads.get("n1")).toEqual([1]);
    for (const from of ["n2", "n3"]) {
      cluster.act("n1", (core) => core.receive(from, { type: "heartbeat-reply", term, readRound }));
    }
    expect(cluster.reads.get("n1")).toEqual([]);
  });

  it("raft.md 15: a round whose messages were lost is asked again with the next heartbeat", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = () => false;
    cluster.act("n1", (core) => core.read(1));
    cluster.settle();
    cluster.delivers = () => true;
    cluster.run(20);
    expect(cluster.reads.get("n1")).toEqual([{ id: 1, index: 1 }]);
  });

  it("reads of one turn share one round of messages", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    const before = cluster.sentOf("heartbeat").length;
    cluster.act("n1", (core) => {
      for (let id = 1; id <= 1_000; id++) core.read(id);
    });
    expect(cluster.sentOf("heartbeat").length - before).toBe(2);
    cluster.settle();
    expect(cluster.reads.get("n1")).toHaveLength(1_000);
  });

  it("a cluster of one confirms at once", () => {
    const cluster = new CoreCluster(1);
    cluster.run(300);
    cluster.act("n1", (core) => core.read(1));
    expect(cluster.reads.get("n1")).toEqual([{ id: 1, index: 1 }]);
  });

  it("reads that come while two rounds are unanswered share the next, which begins by itself", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    const before = cluster.sentOf("heartbeat").length;
    for (let id = 1; id <= 100; id++) cluster.act("n1", (core) => core.read(id));
    expect(cluster.sentOf("heartbeat").length - before).toBe(2 * 2);
    cluster.settle();
    expect(cluster.sentOf("heartbeat").length - before).toBe(3 * 2);
    expect(cluster.reads.get("n1")!.map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, at) => at + 1),
    );
  });
});
