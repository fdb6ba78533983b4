import { describe, expect, it } from "vitest";
import { createEntry } from "../src/index.ts";
import { bytes, CoreCluster, isolated } from "./core-cluster.ts";

describe("log replication (§5.3)", () => {
  it("a proposal is committed by a quorum and applied everywhere, in the leader's order", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    for (const text of ["a", "b", "c"]) cluster.propose("n1", text);
    cluster.run(50);
    for (const id of cluster.voters) expect(cluster.appliedBy(id)).toEqual(["a", "b", "c"]);
  });

  it("only a leader takes proposals", () => {
    const cluster = new CoreCluster(3);
    expect(cluster.propose("n1", "a")).toBeUndefined();
    cluster.elect("n1");
    expect(cluster.propose("n2", "a")).toBeUndefined();
    expect(cluster.propose("n1", "a")).toBe(2);
  });

  it("proposals of one turn travel in one message to each follower, and one write", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(20);
    const before = cluster.sentOf("append-request").length;
    cluster.disksAreFast = false;
    cluster.act("n1", (core) => {
      for (let at = 0; at < 100; at++) core.propose(bytes(`${at}`));
    });
    expect(cluster.sentOf("append-request").length - before).toBe(2);
    expect(cluster.disk("n1").pending).toHaveLength(1);
  });

  it("§10.2.1: the leader sends before its own disk is done, and commits by the others' disks", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.disksAreFast = false;
    const index = cluster.propose("n1", "a")!;
    cluster.network.length = 0;
    const [request] = cluster.sentOf("append-request").slice(-1);
    cluster.deliver(request!);
    const other = request!.to === "n2" ? "n3" : "n2";
    cluster.deliver({ ...request!, to: other });
    for (const id of ["n2", "n3"]) cluster.completeWrites(id);
    cluster.settle();
    expect(cluster.core("n1").server.commitIndex).toBe(index);
    expect(cluster.disk("n1").pending).toHaveLength(1);
  });

  it("raft.md 1: an append is acknowledged only after the entries are durable", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(20);
    cluster.disksAreFast = false;
    const before = cluster.sentOf("append-accepted").length;
    cluster.propose("n1", "a");
    cluster.settle();
    expect(cluster.sentOf("append-accepted")).toHaveLength(before);
    cluster.completeWrites("n2");
    expect(cluster.sentOf("append-accepted").slice(before)).toMatchObject([{ from: "n2" }]);
    expect(cluster.disk("n2").log.lastIndex).toBe(2);
  });

  it("raft.md 5, figure 8: an entry of an earlier term is never committed by counting replicas", () => {
    const cluster = new CoreCluster(5);
    // (c) of figure 8: S1 has an entry of term 2 that it brings to a majority in term 4.
    cluster.install("n1", {
      term: 3,
      log: [
        [1, "x"],
        [2, "old"],
      ],
    });
    cluster.install("n2", {
      term: 3,
      log: [
        [1, "x"],
        [2, "old"],
      ],
    });
    for (const id of ["n3", "n4"]) cluster.install(id, { term: 3, log: [[1, "x"]] });
    cluster.install("n5", {
      term: 3,
      log: [
        [1, "x"],
        [3, "newer"],
      ],
    });
    // Entries of its own term do not travel; those before them do.
    cluster.delivers = ({ to, message }) =>
      to !== "n5" &&
      !(message.type === "append-request" && message.entries.some(({ term }) => term > 3));
    cluster.elect("n1");
    expect(cluster.leaders).toEqual(["n1"]);
    // Probed one by one: hand n3 exactly the entry of term 2.
    const { term } = cluster.core("n1").server;
    const old = createEntry(2, "command", bytes("old"));
    for (const id of ["n3", "n4"]) {
      cluster.act(id, (core) =>
        core.receive("n1", {
          type: "append-request",
          term,
          previous: { index: 1, term: 1 },
          commitIndex: 0,
          entries: [old],
        }),
      );
    }
    cluster.settle();
    expect(cluster.logOf("n3")).toEqual(["1:x", "2:old"]);
    expect(cluster.core("n1").server.commitIndex).toBe(0);
    // (e): with an entry of its own term on a majority, the older one is committed too.
    cluster.delivers = ({ to }) => to !== "n5";
    cluster.run(50);
    expect(cluster.appliedBy("n1")).toEqual(["x", "old"]);
  });

  it("raft.md 6: a delayed, shorter append removes nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 1,
      log: [
        [1, "a"],
        [1, "b"],
        [1, "c"],
      ],
    });
    cluster.act("n2", (core) =>
      core.receive("n1", {
        type: "append-request",
        term: 1,
        previous: { index: 0, term: 0 },
        commitIndex: 0,
        entries: [createEntry(1, "command", bytes("a"))],
      }),
    );
    expect(cluster.logOf("n2")).toEqual(["1:a", "1:b", "1:c"]);
    expect(cluster.sentOf("append-accepted")).toMatchObject([{ message: { matchIndex: 1 } }]);
  });

  it("raft.md 6, §5.3: an existing entry that conflicts is deleted with all that follow it", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 1,
      log: [
        [1, "a"],
        [1, "b"],
        [1, "c"],
      ],
    });
    cluster.act("n2", (core) =>
      core.receive("n1", {
        type: "append-request",
        term: 2,
        previous: { index: 1, term: 1 },
        commitIndex: 0,
        entries: [createEntry(2, "command", bytes("B"))],
      }),
    );
    expect(cluster.logOf("n2")).toEqual(["1:a", "2:B"]);
    expect(
      cluster
        .disk("n2")
        .log.slice(1)
        .map(({ term }) => term),
    ).toEqual([1, 2]);
  });

  it("raft.md 7: an empty append still checks for conflicts", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 2,
      log: [
        [1, "a"],
        [2, "b"],
      ],
    });
    cluster.act("n2", (core) =>
      core.receive("n1", {
        type: "append-request",
        term: 3,
        previous: { index: 2, term: 1 },
        commitIndex: 2,
        entries: [],
      }),
    );
    expect(cluster.sentOf("append-rejected")).toMatchObject([{ to: "n1" }]);
    expect(cluster.core("n2").server.commitIndex).toBe(0);
  });

  it("raft.md 8: a follower's commit index never passes the last entry that this append verified", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 2,
      log: [
        [1, "a"],
        [1, "stale"],
        [1, "staler"],
      ],
    });
    cluster.act("n2", (core) =>
      core.receive("n1", {
        type: "append-request",
        term: 2,
        previous: { index: 1, term: 1 },
        commitIndex: 3,
        entries: [],
      }),
    );
    expect(cluster.core("n2").server.commitIndex).toBe(1);
  });

  it("raft.md 8: a heartbeat commits no further than the leader knows this follower to agree", () => {
    const cluster = new CoreCluster(3);
    cluster.install("n3", {
      term: 1,
      log: [
        [1, "stale"],
        [1, "staler"],
      ],
    });
    cluster.install("n1", {
      term: 2,
      log: [
        [2, "a"],
        [2, "b"],
      ],
    });
    cluster.install("n2", {
      term: 2,
      log: [
        [2, "a"],
        [2, "b"],
      ],
    });
    cluster.delivers = ({ to, message }) => to !== "n3" || message.type !== "append-request";
    cluster.elect("n1");
    cluster.run(100);
    expect(cluster.core("n1").server.commitIndex).toBe(3);
    expect(cluster.core("n3").server.commitIndex).toBe(0);
  });

  it("raft.md 24: the acknowledgement of an entry that was overwritten meanwhile counts for nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(20);
    cluster.disksAreFast = false;
    const { term } = cluster.core("n1").server;
    const append = (appendTerm: number, text: string) =>
      ({
        type: "append-request",
        term: appendTerm,
        previous: { index: 1, term },
        commitIndex: 1,
        entries: [createEntry(appendTerm, "command", bytes(text))],
      }) as const;
    cluster.act("n2", (core) => core.receive("n1", append(term, "old")));
    cluster.act("n2", (core) => core.receive("n3", append(term + 1, "new")));
    const before = cluster.sentOf("append-accepted").length;
    cluster.completeWrites("n2", 1); // the write of "old" comes to its end only now
    expect(cluster.sentOf("append-accepted")).toHaveLength(before);
    cluster.completeWrites("n2");
    expect(cluster.sentOf("append-accepted").slice(before)).toMatchObject([{ to: "n3" }]);
    expect(
      cluster
        .disk("n2")
        .log.slice(2)
        .map(({ term: found }) => found),
    ).toEqual([term + 1]);
  });

  it("raft.md 24: a leader's own late write of an overwritten entry counts for nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(20);
    cluster.disksAreFast = false;
    cluster.delivers = () => false;
    cluster.propose("n1", "lost");
    const { term } = cluster.core("n1").server;
    const heartbeat = { type: "heartbeat", term: term + 1, commitIndex: 0, readRound: 0 } as const;
    cluster.act("n1", (core) => core.receive("n2", heartbeat));
    cluster.completeWrites("n1");
    expect(cluster.core("n1").server.commitIndex).toBe(1);
    expect(cluster.sentOf("append-accepted").filter(({ from }) => from === "n1")).toEqual([]);
  });

  it("§5.3, last part: a follower that is far off is found by terms, not entry by entry", () => {
    const cluster = new CoreCluster(3);
    const shared: [number, string][] = [[1, "a"]];
    const stale = Array.from({ length: 500 }, (_, at): [number, string] => [2, `stale ${at}`]);
    const chosen = Array.from({ length: 500 }, (_, at): [number, string] => [3, `chosen ${at}`]);
    cluster.install("n3", { term: 2, log: [...shared, ...stale] });
    for (const id of ["n1", "n2"]) cluster.install(id, { term: 3, log: [...shared, ...chosen] });
    cluster.elect("n1");
    cluster.run(100);
    expect(cluster.logOf("n3")).toEqual(cluster.logOf("n1"));
    expect(cluster.sentOf("append-rejected").length).toBeLessThanOrEqual(3);
  });

  it("a lost append is noticed at the next heartbeats, also when nothing follows it", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = ({ message }) => message.type !== "append-request";
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.delivers = () => true;
    cluster.run(100);
    for (const id of cluster.voters) expect(cluster.appliedBy(id)).toEqual(["a"]);
  });

  it("a lost acknowledgement is made good at the next heartbeats", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = ({ message }) => message.type !== "append-accepted";
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.delivers = () => true;
    cluster.run(100);
    expect(cluster.appliedBy("n1")).toEqual(["a"]);
  });

  it("the window to a follower is bounded by messages, and opens as it answers", () => {
    const cluster = new CoreCluster(3, { maxInflightMessages: 4 });
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = () => false;
    const before = cluster.sentOf("append-request").length;
    for (let at = 0; at < 20; at++) cluster.propose("n1", `${at}`);
    expect(cluster.sentOf("append-request").length - before).toBe(2 * 4);
    cluster.delivers = () => true;
    cluster.run(200);
    expect(cluster.appliedBy("n3")).toHaveLength(20);
  });

  it("an append has at most maxAppendBytes of entries; a larger entry travels alone", () => {
    const cluster = new CoreCluster(3, { maxAppendBytes: 100 });
    cluster.elect("n1");
    cluster.run(50);
    cluster.act("n1", (core) => {
      for (const size of [30, 30, 30, 300, 30]) core.propose(new Uint8Array(size));
    });
    const sizes = cluster
      .sentOf("append-request")
      .filter(({ to }) => to === "n2")
      .map(({ message }) => message.entries.map(({ record }) => record.length - 7))
      .filter((lengths) => lengths.some((length) => length > 0));
    expect(sizes).toEqual([[30, 30], [30], [300], [30]]);
  });

  it("maxUncommittedBytes turns proposals away until some are committed", () => {
    const cluster = new CoreCluster(3, { maxUncommittedBytes: 100 });
    cluster.elect("n1");
    cluster.run(50);
    cluster.delivers = isolated("n1");
    expect(cluster.propose("n1", "x".repeat(80))).toBe(2);
    expect(cluster.propose("n1", "x".repeat(80))).toBe("overloaded");
    cluster.delivers = () => true;
    cluster.run(50);
    expect(cluster.propose("n1", "x".repeat(80))).toBe(3);
  });

  it("raft.md 20: a restart forgets the commit index, and learns it anew from the leader", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.propose("n1", "a");
    cluster.run(50);
    for (const id of cluster.voters) cluster.boot(id);
    expect(cluster.core("n2").server.commitIndex).toBe(0);
    cluster.elect("n2");
    cluster.run(100);
    for (const id of cluster.voters) expect(cluster.appliedBy(id)).toEqual(["a"]);
  });

  it("figure 3, State Machine Safety: a conflict with a committed entry is an invariant broken", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.propose("n1", "a");
    cluster.run(50);
    const { term } = cluster.core("n1").server;
    const forged = {
      type: "append-request",
      term: term + 1,
      previous: { index: 1, term },
      commitIndex: 0,
      entries: [createEntry(term + 1, "command", bytes("forged"))],
    } as const;
    expect(() => cluster.core("n2").receive("n3", forged)).toThrow("committed entry 2 conflicts");
  });
});
