import { describe, expect, it } from "vitest";
import { CoreCluster, isolated } from "./core-cluster.ts";

describe("leader election (§5.2)", () => {
  it("a follower that hears of no leader campaigns, wins with a quorum, and tells the others", () => {
    const cluster = new CoreCluster(3);
    cluster.run(300);
    expect(cluster.leaders).toHaveLength(1);
    const [leader] = cluster.leaders;
    for (const id of cluster.voters) {
      expect(cluster.core(id).server.leader).toBe(leader);
      expect(cluster.core(id).server.term).toBe(cluster.core(leader!).server.term);
    }
  });

  it("a cluster of one leads itself, once its vote is durable", () => {
    const cluster = new CoreCluster(1);
    cluster.disksAreFast = false;
    for (let ms = 0; ms < 300; ms += 10) cluster.tick("n1", 10);
    expect(cluster.core("n1").role).toBe("candidate");
    cluster.completeWrites("n1");
    expect(cluster.core("n1").role).toBe("leader");
  });

  it("§5.2: a leader's heartbeats keep the others from campaigning", () => {
    const cluster = new CoreCluster(5);
    cluster.elect("n1");
    const { term } = cluster.core("n1").server;
    cluster.run(2_000);
    expect(cluster.leaders).toEqual(["n1"]);
    expect(cluster.core("n1").server.term).toBe(term);
  });

  it("raft.md 1: a vote leaves a node only after term and vote are durable", () => {
    const cluster = new CoreCluster(3);
    cluster.disksAreFast = false;
    const request = { type: "vote-request", term: 1, last: { index: 0, term: 0 } } as const;
    cluster.act("n2", (core) => core.receive("n1", request));
    expect(cluster.sentOf("vote-granted")).toEqual([]);
    cluster.completeWrites("n2");
    expect(cluster.disk("n2").hardState).toMatchObject({ term: 1, votedFor: "n1" });
    expect(cluster.sentOf("vote-granted")).toMatchObject([{ from: "n2", to: "n1" }]);
  });

  it("raft.md 1: a candidate asks for votes only after its own is durable", () => {
    const cluster = new CoreCluster(3);
    cluster.disksAreFast = false;
    cluster.elect("n1");
    expect(cluster.core("n1").role).toBe("candidate");
    expect(cluster.sentOf("vote-request")).toEqual([]);
    cluster.completeWrites("n1");
    expect(cluster.sentOf("vote-request")).toHaveLength(2);
  });

  it("raft.md 1: a node that crashed before its vote was durable has promised nothing", () => {
    const cluster = new CoreCluster(3);
    cluster.disksAreFast = false;
    const last = { index: 0, term: 0 };
    cluster.act("n2", (core) => core.receive("n1", { type: "vote-request", term: 1, last }));
    cluster.boot("n2");
    cluster.disksAreFast = true;
    cluster.act("n2", (core) => core.receive("n3", { type: "vote-request", term: 1, last }));
    expect(cluster.sentOf("vote-granted")).toMatchObject([{ from: "n2", to: "n3" }]);
  });

  it("raft.md 3: votedFor survives a step-down within the same term", () => {
    const cluster = new CoreCluster(3);
    const last = { index: 0, term: 0 };
    cluster.delivers = () => false;
    cluster.elect("n1");
    // n1 wins its pre-vote by n2, campaigns in term 1, and falls back when a leader of term 1 shows.
    cluster.act("n1", (core) =>
      core.receive("n2", { type: "pre-vote-reply", term: 1, granted: true }),
    );
    expect(cluster.core("n1").server).toMatchObject({ term: 1, votedFor: "n1" });
    const heartbeat = { type: "heartbeat", term: 1, commitIndex: 0, readRound: 0 } as const;
    cluster.act("n1", (core) => core.receive("n2", heartbeat));
    expect(cluster.core("n1").role).toBe("follower");
    cluster.act("n1", (core) => core.receive("n3", { type: "vote-request", term: 1, last }));
    expect(cluster.core("n1").server.votedFor).toBe("n1");
    expect(cluster.sentOf("vote-granted")).toEqual([]);
  });

  it("§5.2: one vote a term; the same candidate is granted it again", () => {
    const cluster = new CoreCluster(3);
    const request = { type: "vote-request", term: 1, last: { index: 0, term: 0 } } as const;
    cluster.act("n3", (core) => core.receive("n1", request));
    cluster.act("n3", (core) => core.receive("n2", request));
    cluster.act("n3", (core) => core.receive("n1", request));
    expect(cluster.sentOf("vote-granted").map(({ to }) => to)).toEqual(["n1", "n1"]);
    expect(cluster.sentOf("vote-denied").map(({ to }) => to)).toEqual(["n2"]);
  });

  it.each([
    ["a later last term wins over a longer log", { index: 1, term: 3 }, true],
    ["an earlier last term loses, however long the log", { index: 9, term: 1 }, false],
    ["of the same last term, a longer log wins", { index: 3, term: 2 }, true],
    ["of the same last term, an equal log wins", { index: 2, term: 2 }, true],
    ["of the same last term, a shorter log loses", { index: 1, term: 2 }, false],
  ])("raft.md 4, §5.4.1: %s", (_, last, granted) => {
    const cluster = new CoreCluster(3);
    cluster.install("n2", {
      term: 3,
      log: [
        [1, "a"],
        [2, "b"],
      ],
    });
    cluster.act("n2", (core) => core.receive("n1", { type: "vote-request", term: 4, last }));
    expect(cluster.sentOf("vote-granted")).toHaveLength(granted ? 1 : 0);
    cluster.act("n2", (core) => core.receive("n3", { type: "pre-vote-request", term: 5, last }));
    expect(cluster.sentOf("pre-vote-reply")).toMatchObject([{ message: { granted } }]);
  });

  it("raft.md 17, §9.6: a node that was cut off comes back with the same term and disturbs nobody", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    const { term } = cluster.core("n1").server;
    cluster.delivers = isolated("n3");
    cluster.run(2_000);
    expect(cluster.core("n3").server.term).toBe(term);
    cluster.delivers = () => true;
    cluster.run(500);
    expect(cluster.leaders).toEqual(["n1"]);
    expect(cluster.core("n1").server.term).toBe(term);
  });

  it("raft.md 17, §4.2.3: whoever hears from a leader ignores a vote request of a higher term", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    const { term } = cluster.core("n1").server;
    const last = { index: 99, term: 99 };
    for (const id of ["n1", "n2"]) {
      cluster.act(id, (core) => core.receive("n3", { type: "vote-request", term: 99, last }));
      expect(cluster.core(id).server.term).toBe(term);
    }
  });

  it("raft.md 17: a one-way partition (a leader that hears nobody) ends in another leader", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.delivers = ({ to }) => to !== "n1";
    cluster.run(1_000);
    expect(cluster.core("n1").role).not.toBe("leader");
    expect(cluster.leaders).toHaveLength(1);
  });

  it("raft.md 17: a bridge (two halves that see each other only through one) keeps one leader", () => {
    const cluster = new CoreCluster(5);
    cluster.elect("n3");
    const left = ["n1", "n2"];
    const right = ["n4", "n5"];
    cluster.delivers = ({ from, to }) =>
      !(left.includes(from) && right.includes(to)) && !(right.includes(from) && left.includes(to));
    const { term } = cluster.core("n3").server;
    cluster.run(3_000);
    expect(cluster.leaders).toEqual(["n3"]);
    expect(cluster.core("n3").server.term).toBe(term);
  });

  it("§6.2: a leader that no quorum answers steps down", () => {
    const cluster = new CoreCluster(5);
    cluster.elect("n1");
    cluster.delivers = isolated("n1", "n2");
    cluster.run(250);
    expect(cluster.core("n1").role).not.toBe("leader");
  });

  it("raft.md 18: a leader whose disk hangs stops leading", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    cluster.disksAreFast = false;
    cluster.propose("n1", "stuck");
    for (let ms = 0; ms < 250; ms += 10) {
      cluster.tick("n1", 10);
      for (const id of ["n2", "n3"]) {
        cluster.completeWrites(id);
        cluster.act(id, () => {});
      }
      cluster.settle();
    }
    expect(cluster.core("n1").role).toBe("follower");
  });

  it("raft.md 18: a node whose disk hangs does not campaign", () => {
    const cluster = new CoreCluster(3);
    cluster.disksAreFast = false;
    const request = { type: "vote-request", term: 1, last: { index: 0, term: 0 } } as const;
    cluster.act("n1", (core) => core.receive("n2", request));
    for (let ms = 0; ms < 1_000; ms += 10) cluster.tick("n1", 10);
    expect(cluster.core("n1").role).toBe("follower");
  });

  it("raft.md 25: the quorum of 4 is 3", () => {
    const cluster = new CoreCluster(4);
    cluster.delivers = isolated("n1", "n2");
    cluster.run(2_000);
    expect(cluster.leaders).toEqual([]);
    cluster.delivers = isolated("n4");
    cluster.run(1_000);
    expect(cluster.leaders).toHaveLength(1);
  });

  it("a stranger is not heard", () => {
    const cluster = new CoreCluster(3);
    const request = { type: "vote-request", term: 9, last: { index: 9, term: 9 } } as const;
    cluster.act("n1", (core) => core.receive("n9", request));
    expect(cluster.core("n1").server.term).toBe(0);
    expect(cluster.sent).toEqual([]);
  });

  it("figure 3, Election Safety: a second leader in one term is an invariant broken, at once", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    const { term } = cluster.core("n1").server;
    const heartbeat = { type: "heartbeat", term, commitIndex: 0, readRound: 0 } as const;
    expect(() => cluster.core("n1").receive("n2", heartbeat)).toThrow("lead in one term");
  });

  it("raft.md 1: a vote in a term that is durable already is a write of its own", () => {
    const cluster = new CoreCluster(3);
    cluster.act("n2", (core) => core.receive("n3", { type: "vote-denied", term: 5 }));
    expect(cluster.disk("n2").hardState).toMatchObject({ term: 5, votedFor: undefined });
    const last = { index: 0, term: 0 };
    cluster.act("n2", (core) => core.receive("n1", { type: "vote-request", term: 5, last }));
    expect(cluster.disk("n2").hardState).toMatchObject({ term: 5, votedFor: "n1" });
    expect(cluster.sentOf("vote-granted")).toHaveLength(1);
  });

  it("raft.md 17, §9.6: whoever hears from a leader denies a pre-vote", () => {
    const cluster = new CoreCluster(3);
    cluster.elect("n1");
    const { term } = cluster.core("n1").server;
    const last = { index: 99, term };
    cluster.act("n2", (core) =>
      core.receive("n3", { type: "pre-vote-request", term: term + 1, last }),
    );
    expect(cluster.sentOf("pre-vote-reply").at(-1)).toMatchObject({ message: { granted: false } });
  });

  it("§9.6: a consent to an earlier pre-vote counts for nothing in a later one", () => {
    const cluster = new CoreCluster(3);
    cluster.delivers = () => false;
    cluster.act("n1", (core) => core.receive("n3", { type: "vote-denied", term: 5 }));
    cluster.elect("n1");
    expect(cluster.core("n1").role).toBe("pre-candidate");
    const late = { type: "pre-vote-reply", term: 5, granted: true } as const;
    cluster.act("n1", (core) => core.receive("n2", late));
    expect(cluster.core("n1").role).toBe("pre-candidate");
    cluster.act("n1", (core) => core.receive("n2", { ...late, term: 6 }));
    expect(cluster.core("n1").role).toBe("candidate");
  });
});
