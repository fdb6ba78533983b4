import { describe, expect, it } from "vitest";
import { compareBallots } from "../src/index.ts";
import { type LogMessage } from "../src/log/index.ts";
import { isolated, LogCoreCluster, textOf } from "./log-core-cluster.ts";

/** A cluster in which `n1` leads, and whose voters are bound to their data. */
function led(size = 3, options = {}): LogCoreCluster {
  const cluster = new LogCoreCluster(size, options);
  cluster.elect("n1");
  cluster.run(100);
  expect(cluster.leaders).toEqual(["n1"]);
  return cluster;
}

function configurationsOf(cluster: LogCoreCluster, id: string): readonly (readonly string[])[] {
  const { decided } = cluster.acceptor(id).configurations;
  return decided.map(({ voters }) => voters.map(({ node }) => node));
}

describe("paxos.md 1: a restarted proposer never reuses a ballot", () => {
  it("its ballots differ from those of its life before, also when none of those was written", () => {
    const cluster = new LogCoreCluster(3);
    // Nor does anybody hear of it: only its own life makes the ballot another.
    cluster.delivers = ({ message }) => message.type !== "prepare";
    const ballots = new Set<string>();
    let prepares = 0;
    for (let life = 0; life < 5; life++) {
      cluster.disksAreFast = false; // nothing that it does is on its disk when it crashes
      for (const id of cluster.voters) cluster.boot(id); // so that nobody follows anybody
      for (let at = 0; at < 100; at++) {
        cluster.tick("n1", 10);
        for (const id of ["n2", "n3"]) cluster.completeWrites(id);
        cluster.settle();
      }
      const sent = cluster.sentOf("prepare").slice(prepares);
      prepares += sent.length;
      expect(sent.length).toBeGreaterThan(0);
      const ofThisLife = new Set(sent.map(({ message }) => JSON.stringify(message.ballot)));
      for (const ballot of ofThisLife) {
        expect(ballots).not.toContain(ballot);
        ballots.add(ballot);
      }
    }
  });
});

describe("paxos.md 2: a promise for an earlier ballot does not count for the current one", () => {
  it("a candidate that has begun another ballot counts no promise to the first", () => {
    const cluster = new LogCoreCluster(3);
    const kept: LogMessage[] = [];
    cluster.delivers = ({ message, to }) => {
      if (message.type === "promise" && to === "n1") kept.push(message);
      return message.type !== "promise";
    };
    cluster.elect("n1");
    cluster.run(1_000);
    cluster.connect(isolated("n1"));
    const { ballot } = cluster.sentOf("prepare").at(-1)!.message;
    const stale = kept.filter(
      (message) => "ballot" in message && message.ballot.round < ballot.round,
    );
    expect(stale.length).toBeGreaterThan(0);
    for (const message of stale) {
      for (const from of ["n2", "n3"]) cluster.act("n1", (core) => core.receive(from, message));
    }
    expect(cluster.core("n1").role).not.toBe("leader");
  });
});

describe("paxos.md 3: promise and accept are on disk before the reply", () => {
  it("no promise and no acceptance is sent while the write is under way", () => {
    const cluster = new LogCoreCluster(3);
    cluster.disksAreFast = false;
    cluster.elect("n1");
    expect(cluster.sentOf("prepare").length).toBeGreaterThan(0);
    expect(cluster.sentOf("promise")).toEqual([]);
    for (const id of cluster.voters) cluster.completeWrites(id);
    cluster.settle();
    cluster.propose("n1", "a");
    cluster.settle();
    expect(cluster.sentOf("accept").length).toBeGreaterThan(0);
    expect(cluster.sentOf("accepted")).toEqual([]);
  });

  it("a leader does not count its own acceptance before it is on its disk", () => {
    const cluster = led();
    const before = cluster.acceptor("n1").decided;
    cluster.disksAreFast = false;
    cluster.propose("n1", "a");
    cluster.settle();
    cluster.completeWrites("n2");
    cluster.settle();
    expect(cluster.acceptor("n1").decided).toBe(before);
    cluster.completeWrites("n1");
    expect(cluster.acceptor("n1").decided).toBe(before + 1);
  });
});

describe("paxos.md 4: accept raises the promise too", () => {
  it("whoever accepted a ballot that it never promised refuses a lower one", () => {
    const cluster = led();
    const { promised } = cluster.acceptor("n3");
    const ballot = { round: promised.round + 5, node: "n2", incarnation: 1 };
    const accept = { type: "accept", ballot, first: 1, entries: [], decided: 0 } as const;
    cluster.act("n3", (core) => core.receive("n2", accept));
    expect(cluster.acceptor("n3").promised).toEqual(ballot);
    expect(compareBallots(cluster.disk("n3").promised, ballot)).toBe(0);
    const lower = { ...accept, ballot: promised };
    cluster.act("n3", (core) => core.receive("n1", lower));
    expect(cluster.sent.at(-1)).toMatchObject({ to: "n1", message: { type: "nack" } });
  });
});

describe("paxos.md 5 and 10: a new leader", () => {
  it("5: adopts the entry of the highest ballot, and keeps whose it was", () => {
    const cluster = led(5);
    const slot = cluster.acceptor("n1").decided + 1;
    // n1 proposes to nobody but itself, then n2 to itself and n3; both are cut off.
    cluster.connect(isolated("n1"));
    cluster.propose("n1", "first");
    cluster.run(400);
    const second = cluster.leaders.find((id) => id !== "n1")!;
    const friend = cluster.voters.find((id) => id !== "n1" && id !== second)!;
    cluster.connect(({ from, to }) => [from, to].every((id) => id === second || id === friend));
    cluster.propose(second, "second");
    cluster.settle();
    const { term } = cluster.acceptor(second).log.entryAt(slot)!;
    cluster.connect(({ from, to }) => from !== second && to !== second);
    cluster.run(2_000);
    const [third] = cluster.leaders.filter((id) => id !== second);
    const entry = cluster.acceptor(third!).log.entryAt(slot)!;
    expect(textOf(entry)).toBe("second");
    expect(entry.term).toBe(term);
    expect(cluster.core(third!).server.term).toBeGreaterThan(term);
  });

  it("10: recovers every slot above its decided prefix, fills no-ops, applies across no gap", () => {
    const cluster = led(3, { maxAppendBytes: 1 });
    const slot = cluster.acceptor("n1").decided + 1;
    // Of three proposals only the last one reaches anybody.
    cluster.delivers = ({ message }) => message.type === "accept" && message.first === slot + 2;
    for (const text of ["a", "b", "c"]) cluster.propose("n1", text);
    cluster.settle();
    expect(cluster.acceptor("n2").log.entryAt(slot)).toBeUndefined();
    expect(cluster.acceptor("n2").decided).toBe(slot - 1);
    cluster.boot("n1");
    cluster.connect(isolated("n1"));
    cluster.run(2_000);
    const [next] = cluster.leaders;
    const { log, decided } = cluster.acceptor(next!);
    expect(decided).toBeGreaterThanOrEqual(slot + 2);
    expect([slot, slot + 1].map((each) => log.entryAt(each)!.kind)).toEqual(["noop", "noop"]);
    expect(textOf(log.entryAt(slot + 2)!)).toBe("c");
    const indices = [...cluster.applied.get(next!)!.keys()];
    expect(indices).toEqual(indices.map((_, at) => indices[0]! + at));
  });

  it("10: a promise of more than fits in a message comes in chunks, and counts when all has come", () => {
    const cluster = led(3, { maxAppendBytes: 20, window: 64 });
    cluster.delivers = ({ message }) => message.type === "accept";
    for (let at = 0; at < 20; at++) cluster.propose("n1", `command ${at}`);
    for (let at = 0; at < 20; at++) cluster.run(10);
    cluster.boot("n1");
    cluster.connect(isolated("n1"));
    cluster.run(2_000);
    const chunks = cluster.sentOf("promise").filter(({ message }) => message.next > 0);
    expect(chunks.length).toBeGreaterThan(0);
    for (const { message } of chunks) {
      const bytes = message.accepted.reduce((sum, { entry }) => sum + entry.record.length, 0);
      expect(message.accepted.length === 1 || bytes <= 20).toBe(true);
    }
    expect(cluster.leaders).toHaveLength(1);
  });
});

describe("paxos.md 6: acceptances", () => {
  it("of one acceptor count once, however often they come", () => {
    const cluster = led(5);
    cluster.delivers = ({ to, from, message }) =>
      message.type !== "accept" || to === "n2" || from === "n2";
    const slot = cluster.propose("n1", "a") as number;
    cluster.settle();
    const accepted = cluster.sentOf("accepted").findLast(({ from }) => from === "n2")!.message;
    expect(accepted.match).toBe(slot);
    for (let times = 0; times < 5; times++) {
      cluster.act("n1", (core) => core.receive("n2", accepted));
    }
    expect(cluster.acceptor("n1").decided).toBe(slot - 1);
    cluster.act("n1", (core) =>
      core.receive("n9", { ...accepted, life: { birth: 1, votes: true } }),
    );
    expect(cluster.acceptor("n1").decided).toBe(slot - 1);
  });
});

describe("paxos.md 7: duelling proposers make progress", () => {
  it.each(Array.from({ length: 20 }, (_, at) => `duel ${at}`))("%s", (seed) => {
    const cluster = new LogCoreCluster(5, {}, seed);
    // n1 hears nobody but is heard by all: an asymmetric partition.
    cluster.connect(({ to }) => to !== "n1");
    for (const id of cluster.voters) cluster.tick(id, 199);
    cluster.run(2_000);
    const leaders = cluster.leaders.filter((id) => id !== "n1");
    expect(leaders).toHaveLength(1);
    const index = cluster.propose(leaders[0]!, "a");
    cluster.run(100);
    expect(cluster.acceptor(leaders[0]!).decided).toBeGreaterThanOrEqual(index as number);
  });
});

describe("paxos.md 8: a node that lost its data", () => {
  it("does not vote under its old identity, and is fed all the same", () => {
    const cluster = led();
    cluster.propose("n1", "a");
    cluster.run(50);
    cluster.wipe("n3");
    cluster.run(100);
    expect(cluster.core("n3").server.isVoter).toBe(false);
    expect(cluster.appliedBy("n3")).toEqual(["a"]);
    cluster.connect(isolated("n2"));
    const index = cluster.propose("n1", "b") as number;
    cluster.run(50);
    expect(cluster.acceptor("n3").match).toBe(index);
    expect(cluster.acceptor("n1").decided).toBe(index - 1);
  });

  it("votes again once it is added anew", () => {
    const cluster = led();
    cluster.wipe("n3");
    cluster.run(50);
    const change = cluster.reconfigure("n1", { add: "n3" });
    cluster.run(200);
    expect(cluster.changesEnded).toMatchObject([{ id: change }]);
    expect(cluster.core("n3").server.isVoter).toBe(true);
    cluster.connect(isolated("n2"));
    const index = cluster.propose("n1", "b") as number;
    cluster.run(50);
    expect(cluster.acceptor("n1").decided).toBe(index);
  });
});

describe("paxos.md 11: a reconfiguration decided at slot i is used from i+α on, never before", () => {
  it("slots before are decided by the old voters, slots from there on by the new ones", () => {
    const window = 8;
    const cluster = new LogCoreCluster(4, { window }, "test", 3);
    cluster.elect("n1");
    cluster.run(100);
    cluster.reconfigure("n1", { add: "n4" });
    cluster.run(200);
    const { configurations } = cluster.acceptor("n1");
    const { index } = configurations.decided.at(-1)!;
    expect(configurations.at(index + window - 1).nodes).toEqual(["n1", "n2", "n3"]);
    expect(configurations.at(index + window).nodes).toEqual(["n1", "n2", "n3", "n4"]);
    expect(cluster.changesEnded).toEqual([{ id: 1, index }]);
    // Of four voters two are no quorum any more.
    cluster.connect(isolated("n3", "n4"));
    const next = cluster.propose("n1", "a") as number;
    cluster.run(50);
    expect(cluster.acceptor("n1").decided).toBe(next - 1);
  });

  it("a joiner is fed by itself, from the first slot or by a snapshot", () => {
    const cluster = new LogCoreCluster(4, {}, "test", 3);
    cluster.elect("n1");
    cluster.run(100);
    for (const text of ["a", "b", "c"]) cluster.propose("n1", text);
    cluster.run(50);
    cluster.compact("n1", 0);
    cluster.reconfigure("n1", { add: "n4" });
    for (let round = 0; round < 20; round++) {
      cluster.run(20);
      cluster.transferSnapshots(true);
    }
    expect(configurationsOf(cluster, "n4").at(-1)).toEqual(["n1", "n2", "n3", "n4"]);
    expect(cluster.acceptor("n4").snapshot.index).toBeGreaterThan(0);
    expect(cluster.core("n4").server.isVoter).toBe(true);
  });

  it("no snapshot is taken before it is known, and on disk, who votes after it", () => {
    const cluster = new LogCoreCluster(4, {}, "test", 3);
    cluster.elect("n1");
    cluster.run(100);
    const last = { index: cluster.acceptor("n1").decided, term: 1 };
    const { decided: configurations } = cluster.acceptor("n1").configurations;
    expect(configurations.length).toBeGreaterThan(0);
    expect(cluster.core("n4").wantsSnapshot(1, last)).toBe(false);
    cluster.disksAreFast = false;
    const known = { type: "configurations", upTo: last.index, configurations } as const;
    cluster.act("n4", (core) => core.receive("n1", known));
    expect(cluster.core("n4").wantsSnapshot(1, last)).toBe(false);
    cluster.completeWrites("n4");
    expect(cluster.core("n4").wantsSnapshot(1, last)).toBe(true);
  });

  it("a removed leader commits nothing more, and another one leads", () => {
    const cluster = led();
    cluster.reconfigure("n1", { remove: "n1" });
    cluster.run(100);
    expect(cluster.propose("n1", "late")).toBeUndefined();
    cluster.run(1_000);
    const [next] = cluster.leaders;
    expect(["n2", "n3"]).toContain(next);
    cluster.propose(next!, "a");
    cluster.run(50);
    expect(cluster.appliedBy(next!)).toEqual(["a"]);
    expect(cluster.core("n1").role).toBe("follower");
  });

  it("indices go on without a gap", () => {
    const cluster = led();
    cluster.reconfigure("n1", { remove: "n3" });
    cluster.run(200);
    cluster.reconfigure("n1", { add: "n3" });
    cluster.run(200);
    const indices = [...cluster.applied.get("n1")!.keys()];
    expect(indices).toEqual(indices.map((_, at) => at + 1));
  });
});

describe("paxos.md 12: a prepare for a trimmed slot", () => {
  it('is answered with "trimmed", not "empty", and leads to a snapshot', () => {
    const cluster = led();
    cluster.connect(isolated("n3"));
    for (const text of ["a", "b"]) cluster.propose("n1", text);
    cluster.run(50);
    cluster.compact("n2", 0);
    const { base } = cluster.acceptor("n2").log;
    const before = cluster.acceptor("n2").promised;
    cluster.boot("n2"); // so that it follows nobody
    const ballot = { round: before.round + 1, node: "n3", incarnation: 7 };
    const from = base.index;
    cluster.act("n2", (core) => core.receive("n3", { type: "prepare", ballot, from }));
    const answers = cluster.sent.filter(({ to }) => to === "n3").slice(-2);
    expect(answers.map(({ message }) => message)).toMatchObject([
      { type: "trimmed", base: base.index },
      { type: "configurations" },
    ]);
    expect(cluster.acceptor("n2").promised).toEqual(before);
    cluster.connect(() => true);
    cluster.settle();
    cluster.transferSnapshots(true);
    expect(cluster.acceptor("n3").snapshot.index).toBe(base.index);
  });
});

describe("paxos.md 13: no stale read", () => {
  it("a leader that was cut off confirms none, and gives it up when it learns of another", () => {
    const cluster = led();
    cluster.connect(isolated("n1"));
    cluster.act("n1", (core) => core.read(1));
    cluster.run(80);
    expect(cluster.reads.get("n1")).toEqual([]);
    cluster.run(2_000);
    expect(cluster.abandonedReads.get("n1")).toEqual([1]);
  });

  it("answers from before the read are not counted for it", () => {
    const cluster = led();
    cluster.run(50);
    cluster.connect(isolated("n1"));
    const replies = cluster
      .sentOf("heartbeat-reply")
      .map(({ from, message }) => ({ from, message }));
    cluster.act("n1", (core) => core.read(1));
    for (const { from, message } of replies)
      cluster.act("n1", (core) => core.receive(from, message));
    expect(cluster.reads.get("n1")).toEqual([]);
  });

  it("a paused leader serves nothing when it wakes up: another one may have decided meanwhile", () => {
    const cluster = led();
    cluster.connect(isolated("n1"));
    for (let at = 0; at < 200; at++) {
      for (const id of ["n2", "n3"]) {
        cluster.tick(id, 10);
        cluster.settle();
      }
    }
    const next = cluster.leaders.find((id) => id !== "n1")!;
    cluster.propose(next, "new");
    cluster.settle();
    cluster.act("n1", (core) => core.read(1));
    cluster.connect(() => true);
    cluster.run(100);
    expect(cluster.reads.get("n1")).toEqual([]);
    expect(cluster.abandonedReads.get("n1")).toEqual([1]);
  });
});

describe("paxos.md 16: what was lost is sent again", () => {
  it.each(["prepare", "promise", "accept", "accepted", "heartbeat"] as const)("%s", (type) => {
    const cluster = new LogCoreCluster(3);
    let lost = 0;
    cluster.delivers = ({ message }) => message.type !== type || ++lost > 6;
    cluster.run(1_000);
    const [leader] = cluster.leaders;
    cluster.propose(leader!, "a");
    cluster.run(500);
    expect(lost).toBeGreaterThan(6);
    for (const id of cluster.voters) expect(cluster.appliedBy(id)).toEqual(["a"]);
  });
});

describe("a stable leader", () => {
  it("is not deposed by a node that was cut off and comes back", () => {
    const cluster = led();
    const { promised } = cluster.acceptor("n1");
    cluster.connect(isolated("n3"));
    cluster.run(2_000);
    cluster.connect(() => true);
    cluster.run(1_000);
    expect(cluster.leaders).toEqual(["n1"]);
    expect(cluster.acceptor("n1").promised).toEqual(promised);
  });

  it("that hears no quorum steps down", () => {
    const cluster = led();
    cluster.connect(isolated("n1"));
    cluster.run(300);
    expect(cluster.core("n1").role).not.toBe("leader");
  });

  it("has no more than `window` slots undecided", () => {
    const cluster = led(3, { window: 8 });
    const { decided } = cluster.acceptor("n1");
    cluster.connect(isolated("n1"));
    for (let at = 0; at < 20; at++) cluster.propose("n1", `${at}`);
    expect(cluster.acceptor("n1").log.lastIndex).toBe(decided + 8);
    cluster.connect(() => true);
    cluster.run(200);
    expect(cluster.appliedBy("n2")).toHaveLength(20);
  });

  it("of a round is the only one: an acceptor promises one ballot a round", () => {
    const cluster = new LogCoreCluster(3);
    const ballot = { round: 3, node: "n1", incarnation: 1 };
    const rival = { round: 3, node: "n2", incarnation: 1 };
    cluster.act("n3", (core) => core.receive("n1", { type: "prepare", ballot, from: 1 }));
    cluster.act("n3", (core) => core.receive("n2", { type: "prepare", ballot: rival, from: 1 }));
    expect(cluster.sent.map(({ to, message }) => [to, message.type])).toEqual([
      ["n1", "promise"],
      ["n2", "nack"],
    ]);
  });
});
