import { describe, expect, it } from "vitest";
import { compareBallots, NO_BALLOT } from "../src/index.ts";
import type { Item } from "../src/register/core/item.ts";
import {
  append,
  collect,
  compareAndSet,
  type Envelope,
  isolated,
  read,
  RegisterCluster,
  text,
  put,
} from "./register-cluster.ts";

const NODES = ["n1", "n2", "n3"];

function committed(result: unknown): unknown {
  return { kind: "committed", result };
}

/** A node's part of the network is held back, item by item. */
function without(...types: Item["type"][]): (envelope: Envelope) => boolean {
  return ({ message }) =>
    message.kind !== "items" || !message.items.some(({ type }) => types.includes(type));
}

function holdBack(cluster: RegisterCluster, isHeld: (envelope: Envelope) => boolean): Envelope[] {
  const held: Envelope[] = [];
  cluster.delivers = (envelope) => {
    if (!isHeld(envelope)) return true;
    held.push(envelope);
    return false;
  };
  return held;
}

describe("one key", () => {
  it("is written and read from any node", () => {
    const cluster = new RegisterCluster(NODES);
    expect(cluster.do("n1", read("k"))).toEqual(committed(null));
    expect(cluster.do("n1", put("k", "tea"))).toEqual(committed(undefined));
    expect(cluster.do("n2", read("k"))).toEqual(committed("tea"));
    expect(cluster.do("n3", append("k", "!"))).toEqual(committed("tea!"));
    expect(cluster.do("n1", put("k", null))).toEqual(committed(true));
    expect(cluster.do("n2", read("k"))).toEqual(committed(null));
  });

  it("CASPaxos §2.2.1: a proposer that keeps its promise writes in one round trip", () => {
    const cluster = new RegisterCluster(NODES);
    for (let number = 0; number < 5; number++) cluster.do("n1", append("k", `${number}`));
    expect(cluster.sentOf("prepare")).toHaveLength(2);
    expect(cluster.sentOf("accept")).toHaveLength(10);
    expect(cluster.do("n2", read("k"))).toEqual(committed("01234"));
  });

  it("a read of what a quorum agrees on takes one round trip, and writes nothing", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    const before = cluster.sentOf("prepare").length + cluster.sentOf("accept").length;
    expect(cluster.do("n2", read("k"))).toEqual(committed("tea"));
    expect(cluster.do("n1", put("k", "noodles"))).toEqual(committed(undefined));
    const after = cluster.sentOf("prepare").length + cluster.sentOf("accept").length;
    expect(after).toBe(before + 2); // the second write's accepts: its promises were not disturbed
  });

  it("acceptors that disagree make a read a ballot, which finishes what was begun", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "old"));
    // Only n3 gets to accept the new value; then n1 is gone.
    cluster.delivers = ({ from, to }) => from === "n1" && to === "n3";
    cluster.submit("n1", put("k", "new"));
    cluster.settle();
    cluster.delivers = isolated("n1");
    expect(cluster.do("n2", read("k"))).toEqual(committed("new"));
    cluster.delivers = isolated("n3");
    expect(cluster.do("n2", read("k"))).toEqual(committed("new"));
  });

  it("operations of one node on one key queue up, and go together in the next ballot", () => {
    const cluster = new RegisterCluster(NODES);
    const all = Array.from({ length: 100 }, (_, at) => append("k", `${at};`));
    for (const each of all) cluster.submit("n1", each);
    cluster.run(100);
    expect(cluster.outcomeOf(all[99]!)).toEqual(committed(all.map((_, at) => `${at};`).join("")));
    expect(cluster.sentOf("accept")).toHaveLength(4);
  });

  it("paxos.md 2: a promise for an earlier ballot does not count for the current one", () => {
    const cluster = new RegisterCluster(NODES);
    const held = holdBack(cluster, ({ to }) => to === "n1");
    const first = put("k", "first");
    cluster.submit("n1", first);
    cluster.settle(); // the promises of n2 and n3 to n1's first ballot are held back
    cluster.delivers = isolated("n1");
    expect(cluster.do("n2", put("k", "second"))).toEqual(committed(undefined));
    cluster.delivers = ({ from, to }) => from === "n1" && to !== "n1";
    cluster.tick("n1", 50); // asks again, and hears nothing
    for (const envelope of held) {
      cluster.act("n1", (core) => core.receive(envelope.from, envelope.message));
    }
    cluster.delivers = () => true;
    cluster.run(2_000);
    expect(cluster.do("n3", read("k"))).toEqual(committed("first"));
    expect(cluster.outcomeOf(first)).toEqual(committed(undefined));
  });

  it("paxos.md 4: an accept raises the promise, so that a lower ballot is refused", () => {
    const cluster = new RegisterCluster(NODES);
    const late = holdBack(cluster, ({ from, to }) => from === "n1" && to !== "n1");
    const lost = put("k", "late");
    cluster.submit("n1", lost);
    cluster.settle();
    cluster.delivers = isolated("n1");
    cluster.do("n2", put("k", "tea"));
    cluster.do("n2", put("k", "noodles"));
    const { promised } = cluster.disk("n3").keys.get("k")!;
    cluster.delivers = () => true;
    for (const envelope of late) cluster.deliver(envelope);
    expect(compareBallots(cluster.disk("n3").keys.get("k")!.promised, promised)).toBe(0);
  });

  it("paxos.md 7: proposers that outbid each other come to an end", () => {
    const cluster = new RegisterCluster(NODES);
    const all = NODES.flatMap((id) =>
      Array.from({ length: 20 }, (_, at) => ({ id, operation: append("k", `${id}.${at};`) })),
    );
    for (const { id, operation } of all) {
      cluster.submit(id, operation);
      cluster.tick(id, 1);
    }
    for (let ms = 0; ms < 20_000; ms += 10) cluster.run(10);
    const outcomes = all.map(({ operation }) => cluster.outcomeOf(operation)?.kind);
    expect(new Set(outcomes)).toEqual(new Set(["committed"]));
    const { result } = cluster.do("n1", read("k")) as { readonly result: string };
    expect(result.split(";").filter(Boolean).toSorted()).toEqual(
      all.map((_, at) => `n${1 + Math.floor(at / 20)}.${at % 20}`).toSorted(),
    );
  });

  it("paxos.md 14: a comparison that fails is ordered, and holds at its moment", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    expect(cluster.do("n2", compareAndSet("k", "noodles", "x"))).toEqual(committed(false));
    expect(cluster.do("n3", compareAndSet("k", "tea", "x"))).toEqual(committed(true));
    expect(cluster.do("n2", read("k"))).toEqual(committed("x"));
  });

  it("paxos.md 13: what was found absent is not answered again without asking", () => {
    const cluster = new RegisterCluster(NODES);
    expect(cluster.do("n2", put("k", null))).toEqual(committed(false));
    expect(cluster.do("n2", compareAndSet("k", "tea", "x"))).toEqual(committed(false));
    cluster.do("n1", put("k", "tea"));
    expect(cluster.do("n2", compareAndSet("k", "tea", "x"))).toEqual(committed(true));
  });

  it("paxos.md 15: an attempt that another proposer finished is not made again", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", append("k", "a"));
    // n3 alone accepts n1's "b"; n2 takes it up from there and adds "c"; n1 learns that it was outbid.
    cluster.delivers = ({ from, to }) => from === "n1" && to === "n3";
    const ours = append("k", "b");
    cluster.submit("n1", ours);
    cluster.settle();
    cluster.delivers = isolated("n1");
    expect(cluster.do("n2", append("k", "c"))).toEqual(committed("abc"));
    cluster.delivers = () => true;
    cluster.run(2_000);
    expect(cluster.outcomeOf(ours)).toEqual(committed("ab"));
    expect(cluster.do("n3", read("k"))).toEqual(committed("abc"));
  });

  it("paxos.md 15: an attempt that nobody took up is made again, once", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", append("k", "a"));
    cluster.delivers = () => false; // nobody but n1 itself accepts
    const ours = append("k", "b");
    cluster.submit("n1", ours);
    cluster.settle();
    cluster.delivers = isolated("n1");
    expect(cluster.do("n2", append("k", "c"))).toEqual(committed("ac"));
    cluster.delivers = () => true;
    cluster.run(2_000);
    expect(cluster.outcomeOf(ours)).toEqual(committed("acb"));
  });

  it("paxos.md 15: a timeout before anything was proposed is surely without effect, after it is unknown", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    cluster.delivers = isolated("n1");
    const early = { ...put("new", "x"), deadlineMs: 500 };
    const late = { ...put("k", "x"), deadlineMs: 500 };
    const reading = { ...read("k"), deadlineMs: 500 };
    expect(cluster.do("n1", early)).toEqual({ kind: "rejected", reason: "unavailable" });
    expect(cluster.do("n1", late)).toEqual({ kind: "unknown", reason: "timeout" });
    expect(cluster.do("n1", reading)).toEqual({ kind: "rejected", reason: "unavailable" });
  });

  it("as many operations as may wait, and one more is overloaded", () => {
    const cluster = new RegisterCluster(NODES, { maxOperations: 2 });
    cluster.submit("n1", put("a", "x"));
    cluster.submit("n1", put("b", "x"));
    const third = put("c", "x");
    cluster.submit("n1", third);
    expect(cluster.outcomeOf(third)).toEqual({ kind: "rejected", reason: "overloaded" });
  });

  it("no more promises are kept than there is room for", () => {
    const cluster = new RegisterCluster(NODES, { maxPromisedKeys: 10 });
    for (let at = 0; at < 50; at++) cluster.do("n1", put(`k${at}`, "x"));
    expect(cluster.core("n1").proposer).toMatchObject({ promisedKeys: 10, busyKeys: 0 });
  });

  it("states that were not used lately leave the memory, and are read again when they are", () => {
    const cluster = new RegisterCluster(NODES, { cacheBytes: 10_000 });
    for (let at = 0; at < 200; at++) cluster.do("n1", put(`k${at}`, "x".repeat(100)));
    for (const id of NODES) expect(cluster.core(id).keysInMemory).toBeLessThan(60);
    expect(cluster.do("n2", read("k3"))).toEqual(committed("x".repeat(100)));
  });
});

describe("paxos.md 1, 3, 8: what a node must not forget", () => {
  it("nothing is answered that a crash could take back", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.disksAreFast = false;
    const written = put("k", "tea");
    cluster.submit("n1", written);
    cluster.settle();
    for (const type of ["promise", "accepted", "answer"] as const) {
      expect(cluster.sentOf(type)).toEqual([]);
    }
    for (const id of NODES) cluster.boot(id);
    for (const id of NODES) expect(cluster.disk(id).keys.size).toBe(0);
  });

  it("a reader is not told what is accepted and not durable", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.disksAreFast = false;
    cluster.submit("n1", put("k", "tea"));
    cluster.settle();
    for (const id of NODES) cluster.completeWrites(id, 1);
    cluster.settle(); // all have accepted, in memory
    const reading = read("k");
    cluster.submit("n2", reading);
    cluster.settle();
    expect(cluster.outcomeOf(reading)).toBeUndefined();
    for (const id of NODES) cluster.completeWrites(id);
    cluster.settle();
    expect(cluster.outcomeOf(reading)).toEqual(committed("tea"));
  });

  it("no ballot and no mark of a life is used in the next", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "a"));
    const before = cluster.disk("n2").keys.get("k")!.accepted!;
    for (const id of NODES) cluster.boot(id);
    cluster.do("n1", put("k", "b"));
    const after = cluster.disk("n2").keys.get("k")!.accepted!;
    expect(after.ballot).not.toEqual(before.ballot);
    expect(after.value.marks[0]).not.toEqual(before.value.marks[0]);
  });

  it("a wiped acceptor does not vote", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.delivers = isolated("n3");
    cluster.do("n1", put("k", "tea"));
    cluster.wipe("n2");
    expect(cluster.core("n2").votes).toBe(false);
    cluster.delivers = isolated("n1");
    const reading = { ...read("k"), deadlineMs: 1_000 };
    expect(cluster.do("n3", reading)).toEqual({ kind: "rejected", reason: "unavailable" });
    cluster.delivers = () => true;
    expect(cluster.do("n3", read("k"))).toEqual(committed("tea"));
  });
});

describe("deletion (CASPaxos §3.1)", () => {
  it("a deleted key is forgotten by all, and its space given back", () => {
    const cluster = new RegisterCluster(NODES, { collectAfterMs: 100 });
    cluster.do("n1", put("k", "tea"));
    cluster.do("n1", put("k", null));
    for (const id of NODES) expect(cluster.disk(id).keys.has("k")).toBe(true);
    cluster.run(1_000);
    for (const id of NODES) expect(cluster.disk(id).keys.size).toBe(0);
    expect(cluster.do("n2", read("k"))).toEqual(committed(null));
    expect(cluster.do("n3", append("k", "new"))).toEqual(committed("new"));
  });

  it("paxos.md 17: an accept of before the deletion that comes late is refused", () => {
    const cluster = new RegisterCluster(NODES);
    const late = holdBack(cluster, ({ from, to, message }) => {
      const isAccept =
        message.kind === "items" && message.items.some(({ type }) => type === "accept");
      return from === "n1" && to !== "n1" && isAccept;
    });
    cluster.submit("n1", put("k", "from the dead"));
    cluster.settle();
    expect(late.length).toBe(2);
    cluster.boot("n1");
    cluster.delivers = () => true;
    cluster.do("n2", put("k", "tea"));
    cluster.do("n2", put("k", null));
    expect(cluster.do("n2", collect("k"))).toBeUndefined();
    for (const id of NODES) expect(cluster.disk(id).keys.size).toBe(0);
    for (const envelope of late) cluster.deliver(envelope);
    cluster.settle();
    expect(cluster.do("n3", read("k"))).toEqual(committed(null));
  });

  it("paxos.md 17: a write by a proposer with low ballots is not hidden by an empty cell that is left", () => {
    const cluster = new RegisterCluster(NODES);
    for (let at = 0; at < 20; at++) cluster.do("n1", put("k", `${at}`));
    cluster.do("n1", put("k", null));
    // n3 does not hear that it may forget, and keeps the empty cell of a high ballot.
    cluster.delivers = (envelope) => envelope.to !== "n3" || without("forget")(envelope);
    cluster.submit("n1", collect("k"));
    cluster.run(500);
    expect(cluster.disk("n1").keys.size).toBe(0);
    expect(cluster.disk("n3").keys.has("k")).toBe(true);
    for (const id of NODES) cluster.boot(id); // whose ballots begin at the bottom
    cluster.delivers = isolated("n3");
    expect(cluster.do("n2", put("k", "noodles"))).toEqual(committed(undefined));
    cluster.delivers = isolated("n1");
    expect(cluster.do("n3", read("k"))).toEqual(committed("noodles"));
  });

  it("no key is forgotten anywhere while one acceptor is away", () => {
    const cluster = new RegisterCluster(NODES, { collectAfterMs: 100, timeoutMs: 500 });
    cluster.do("n1", put("k", "tea"));
    cluster.delivers = isolated("n3");
    cluster.do("n1", put("k", null));
    cluster.run(5_000);
    expect(cluster.disk("n1").keys.has("k")).toBe(true);
    cluster.delivers = () => true;
    cluster.run(10_000);
    for (const id of NODES) expect(cluster.disk(id).keys.size).toBe(0);
  });

  it("what is written again before it is collected is not forgotten", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    cluster.do("n1", put("k", null));
    const held = holdBack(cluster, (envelope) => !without("forget")(envelope));
    cluster.submit("n1", collect("k"));
    cluster.run(100);
    cluster.delivers = (envelope) => without("forget")(envelope);
    cluster.do("n2", put("k", "noodles"));
    for (const { from, to, message } of held)
      cluster.act(to, (core) => core.receive(from, message));
    cluster.delivers = () => true;
    expect(cluster.do("n3", read("k"))).toEqual(committed("noodles"));
  });

  it("whoever has promised a higher ballot since keeps its promise, and with it the key", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    cluster.do("n1", put("k", null));
    const held = holdBack(cluster, (envelope) => !without("forget")(envelope));
    cluster.submit("n1", collect("k"));
    cluster.settle();
    cluster.delivers = without("accept", "forget");
    cluster.submit("n2", put("k", "noodles"));
    cluster.settle();
    const promised = cluster.disk("n3").keys.get("k")!;
    for (const { from, to, message } of held) {
      cluster.act(to, (core) => core.receive(from, message));
    }
    expect(cluster.disk("n3").keys.get("k")).toEqual(promised);
  });

  it("whose key was deleted and forgotten meanwhile is told that nobody knows", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", append("k", "a"));
    cluster.delivers = ({ from, to }) => from === "n1" && to === "n3";
    const ours = append("k", "b");
    cluster.submit("n1", ours);
    cluster.settle();
    // n1 answers as an acceptor, and is not heard as a proposer.
    cluster.delivers = (envelope) =>
      envelope.from !== "n1" || without("prepare", "accept")(envelope);
    cluster.do("n2", put("k", null));
    cluster.do("n2", collect("k"), 300);
    cluster.do("n2", put("k", "again"));
    cluster.delivers = () => true;
    cluster.run(3_000);
    expect(cluster.outcomeOf(ours)).toEqual({ kind: "unknown", reason: "lost-track" });
    expect(cluster.do("n3", read("k"))).toEqual(committed("again"));
  });
});

describe("an acceptor that joins again", () => {
  it("knows nothing of before, also while its disk still does", () => {
    const cluster = new RegisterCluster(NODES);
    cluster.do("n1", put("k", "tea"));
    const member = (node: string, joined = 0) => ({ node, birth: 0, joined });
    const others = [member("n1"), member("n2")];
    const config = { members: others, next: undefined, forgotten: NO_BALLOT };
    cluster.act("n3", (core) => core.adopt({ ...config, epoch: 1 }));
    cluster.disksAreFast = false;
    const next = [...others, member("n3", 2)];
    cluster.act("n3", (core) => core.adopt({ ...config, epoch: 2, next }));
    const ballot = { round: 99, node: "n1", incarnation: 7 };
    const items = [{ type: "prepare" as const, id: 1, key: "k", ballot }];
    cluster.act("n3", (core) => core.receive("n1", { kind: "items", epoch: 2, items }));
    expect(cluster.disk("n3").keys.get("k")).toBeDefined();
    cluster.completeWrites("n3");
    expect(cluster.sentOf("promise").at(-1)).toMatchObject({ id: 1, accepted: undefined });
    expect(cluster.disk("n3").keys.get("k")).toEqual({ promised: ballot, accepted: undefined });
  });
});

describe("cells", () => {
  it("have a version of their own for each change, in one ballot, too", () => {
    const cluster = new RegisterCluster(NODES);
    const seen: unknown[] = [];
    const noting = (value: string) => ({
      ...put("k", value),
      decide: () => ({
        kind: "change" as const,
        value: new TextEncoder().encode(value),
        result: (mark: unknown) => (seen.push(mark), undefined),
      }),
    });
    for (const value of ["a", "b", "c"]) cluster.submit("n1", noting(value));
    cluster.run(100);
    expect(new Set(seen.map((mark) => JSON.stringify(mark))).size).toBe(seen.length);
    expect(text(cluster.disk("n2").keys.get("k")!.accepted!.value.value)).toBe("c");
  });
});
