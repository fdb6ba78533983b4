import { describe, expect, it } from "vitest";
import { createEntry } from "../src/index.ts";
import { bytes, CoreCluster, isolated } from "./core-cluster.ts";

/** A leader whose log begins behind what `n3`, cut off meanwhile, has. */
function compacted(keepEntries = 0): CoreCluster {
  const cluster = new CoreCluster(3);
  cluster.elect("n1");
  cluster.run(50);
  cluster.delivers = isolated("n3");
  for (let at = 0; at < 10; at++) cluster.propose("n1", `${at}`);
  cluster.run(50);
  cluster.act("n1", (core) => {
    const { commitIndex, log } = core.server;
    return core.compact({ index: commitIndex, term: log.termAt(commitIndex)! }, keepEntries);
  });
  cluster.delivers = () => true;
  return cluster;
}

function install(cluster: CoreCluster, to: string): void {
  const { term, snapshot } = cluster.core("n1").server;
  const message = { type: "install-snapshot", term, last: snapshot } as const;
  cluster.act(to, (core) => core.receive("n1", message));
  cluster.settle();
}

describe("log compaction (§7)", () => {
  it("raft.md 21: a follower behind the compacted log gets the snapshot, and then the rest", () => {
    const cluster = compacted();
    cluster.run(50);
    expect(cluster.snapshotsToSend).toMatchObject([{ from: "n1", to: "n3" }]);
    install(cluster, "n3");
    cluster.propose("n1", "after");
    cluster.run(50);
    expect(cluster.appliedBy("n3")).toEqual(["after"]);
    expect(cluster.core("n3").server).toMatchObject({ snapshot: { index: 11 }, commitIndex: 12 });
  });

  it("entries that are kept behind the snapshot spare a follower that lags a little the snapshot", () => {
    const cluster = compacted(10);
    cluster.run(50);
    expect(cluster.snapshotsToSend).toEqual([]);
    expect(cluster.appliedBy("n3")).toHaveLength(10);
  });

  it("raft.md 21: a log that was purged during the transfer ends in the next snapshot", () => {
    const cluster = compacted();
    cluster.run(50);
    const { term, snapshot } = cluster.core("n1").server;
    cluster.propose("n1", "meanwhile");
    cluster.run(20);
    cluster.act("n1", (core) => core.compact({ index: 12, term }, 0));
    const first = { type: "install-snapshot", term, last: snapshot } as const;
    cluster.act("n3", (core) => core.receive("n1", first));
    cluster.act("n1", (core) => core.snapshotSent("n3", snapshot.index, true));
    cluster.run(50);
    expect(cluster.snapshotsToSend).toHaveLength(2);
    install(cluster, "n3");
    cluster.run(50);
    expect(cluster.core("n3").server.commitIndex).toBe(12);
  });

  it("a snapshot that failed on the way is sent again, no faster than the heartbeats", () => {
    const cluster = compacted();
    cluster.run(50);
    expect(cluster.snapshotsToSend).toHaveLength(1);
    cluster.act("n1", (core) => core.snapshotSent("n3", 0, false));
    expect(cluster.snapshotsToSend).toHaveLength(1);
    cluster.run(50);
    expect(cluster.snapshotsToSend).toHaveLength(2);
  });

  it("nothing is sent to a follower while its snapshot travels", () => {
    const cluster = compacted();
    cluster.run(50);
    const before = cluster.sentOf("append-request").filter(({ to }) => to === "n3").length;
    cluster.propose("n1", "later");
    cluster.run(100);
    expect(cluster.sentOf("append-request").filter(({ to }) => to === "n3")).toHaveLength(before);
  });

  it("the snapshot is acknowledged only after the log was emptied for it, durably", () => {
    const cluster = compacted();
    cluster.run(50);
    cluster.disksAreFast = false;
    const before = cluster.sentOf("append-accepted").length;
    install(cluster, "n3");
    expect(cluster.sentOf("append-accepted")).toHaveLength(before);
    cluster.completeWrites("n3");
    expect(cluster.sentOf("append-accepted").at(-1)).toMatchObject({ message: { matchIndex: 11 } });
    expect(cluster.disk("n3").log.base.index).toBe(11);
  });

  it("§7: a follower that has the snapshot's last entry keeps what follows it", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 1,
      log: [
        [1, "a"],
        [1, "b"],
        [1, "c"],
      ],
    });
    const last = { index: 2, term: 1 };
    cluster.act("n2", (core) => core.receive("n1", { type: "install-snapshot", term: 1, last }));
    expect(cluster.logOf("n2")).toEqual(["1:a", "1:b", "1:c"]);
    expect(cluster.core("n2").server.commitIndex).toBe(2);
  });

  it("an old snapshot takes nothing back", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    for (const text of ["a", "b", "c"]) cluster.propose("n1", text);
    cluster.run(50);
    const { term } = cluster.core("n1").server;
    const last = { index: 2, term };
    expect(cluster.core("n2").wantsSnapshot(term, last)).toBe(false);
    cluster.act("n2", (core) => core.receive("n1", { type: "install-snapshot", term, last }));
    expect(cluster.core("n2").server).toMatchObject({ commitIndex: 4 });
    expect(cluster.appliedBy("n2")).toEqual(["a", "b", "c"]);
  });

  it("raft.md 20: a restart with a snapshot and an empty log goes on from the snapshot", () => {
    const cluster = compacted();
    cluster.run(50);
    install(cluster, "n3");
    cluster.boot("n3");
    expect(cluster.core("n3").server).toMatchObject({ commitIndex: 11, snapshot: { index: 11 } });
    cluster.propose("n1", "after");
    cluster.run(200);
    expect(cluster.appliedBy("n3")).toEqual(["after"]);
  });

  it("an append from before the compacted log vouches for what is committed, and no further", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.propose("n1", "a");
    cluster.run(50);
    cluster.compact("n2", 0);
    const { term } = cluster.core("n1").server;
    const previous = { index: 2, term };
    const stale = [createEntry(term, "command", bytes("uncommitted"))];
    const request = { type: "append-request", term, previous, commitIndex: 2 } as const;
    cluster.act("n2", (core) => core.receive("n1", { ...request, entries: stale }));
    const early = { ...request, previous: { index: 0, term: 0 }, entries: [] };
    cluster.act("n2", (core) => core.receive("n1", early));
    expect(cluster.sentOf("append-accepted").at(-1)).toMatchObject({ message: { matchIndex: 2 } });
  });
});
