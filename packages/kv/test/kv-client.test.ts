import { TransportError } from "@quorate/transport";
import { afterEach, describe, expect, it } from "vitest";
import {
  createKvClient,
  type KvClient,
  MAX_REQUEST_BYTES,
  put,
  range,
  utf8,
  version,
  withPrefix,
} from "../src/index.ts";
import { encodeAnswers } from "../src/protocol/answer-codec.ts";
import { decodeRequests } from "../src/protocol/request-codec.ts";
import { protocolOf } from "../src/protocol/store-protocol.ts";
import { type Mishap, TestCluster } from "./test-cluster.ts";

const MISHAPS: Mishap[] = [
  "applied, then unknown",
  "applied, then silence",
  "applied, then the connection breaks",
  "not applied, then unknown",
  "not applied, then silence",
  "not applied, then the connection breaks",
];

let cluster: TestCluster;
let client: KvClient;

async function begin(...args: Parameters<TestCluster["start"]>): Promise<void> {
  cluster = new TestCluster();
  client = await cluster.start(...args);
}

afterEach(() => cluster.stop());

describe("KvClient", () => {
  it("puts, gets, ranges, deletes and transacts, in strings or bytes", async () => {
    await begin();
    const first = await cluster.settled(client.put("order/1", "Suppe für zwei"));
    expect(first).toMatchObject({ kind: "committed", result: { kind: "put", revision: 2 } });
    await cluster.settled(client.put(Buffer.from("order/2"), Uint8Array.of(0, 0xff)));

    const one = await cluster.settled(client.get("order/1"));
    expect(utf8(one!.value)).toBe("Suppe für zwei");
    expect(one).toMatchObject({ createRevision: 2, modRevision: 2, version: 1 });
    expect(await cluster.settled(client.get("order/3"))).toBeUndefined();

    const orders = await cluster.settled(client.range(withPrefix("order/"), { limit: 1 }));
    expect(orders).toMatchObject({ revision: 3, count: 2, more: true });
    expect(orders.kvs.map(({ key }) => utf8(key))).toEqual(["order/1"]);

    const transaction = client.transaction({
      compares: [version("order/2", "=", 1), version("order/3", "=", 0)],
      success: [put("order/3", "x"), range(withPrefix("order/"), { countOnly: true })],
      failure: [],
    });
    expect(await cluster.settled(transaction)).toMatchObject({
      kind: "committed",
      result: { succeeded: true, revision: 4, results: [{ kind: "put" }, { count: 3 }] },
    });

    const gone = await cluster.settled(client.delete(withPrefix("order/"), { prevKv: true }));
    expect(gone).toMatchObject({ kind: "committed", result: { deleted: 3, revision: 5 } });
    expect(await cluster.settled(client.delete("order/1"))).toMatchObject({
      result: { deleted: 0, revision: 5 },
    });
  });

  describe.each(MISHAPS)("%s", (mishap) => {
    it("a write is retried and applied once", async () => {
      await begin();
      await cluster.settled(client.put("k", "0"));
      cluster.mishaps.push(mishap);
      expect(await cluster.settled(client.put("k", "1"))).toMatchObject({
        kind: "committed",
        result: { revision: 3 },
      });
      expect(await cluster.settled(client.get("k"))).toMatchObject({ version: 2 });
    });

    it("is unknown once the deadline passes with it, and what was promised is not undone", async () => {
      await begin();
      await cluster.settled(client.put("k", "0"));
      cluster.mishaps.push(...Array<Mishap>(1_000).fill(mishap));
      const write = client.put("k", "1", { timeoutMs: 300 });
      expect(await cluster.settled(write)).toEqual({ kind: "unknown", reason: "timeout" });
      cluster.mishaps.length = 0;
      const found = await cluster.settled(client.get("k"));
      expect(found?.version).toBe(mishap.startsWith("applied") ? 2 : 1);
    });
  });

  it("follows a new leader by the hint of the old one, at once", async () => {
    await begin();
    await cluster.settled(client.put("k", "0"));
    cluster.leader = "c";
    cluster.asked.length = 0;
    const before = cluster.clock.now();
    expect(await cluster.settled(client.put("k", "1"))).toMatchObject({ kind: "committed" });
    expect(cluster.asked).toEqual(["a", "c"]);
    expect(cluster.clock.now() - before).toBeLessThanOrEqual(1);
  });

  it("finds the leader without a hint, after an election during many writes, each applied once", async () => {
    await begin();
    const keys = Array.from({ length: 200 }, (_, at) => `key/${at}`);
    await cluster.settled(Promise.all(keys.map((key) => client.put(key, "0"))));
    cluster.leader = undefined;
    cluster.mishaps.push(...MISHAPS);
    const writes = Promise.all(keys.map((key) => client.put(key, "1")));
    await cluster.clock.advance(700);
    cluster.leader = "b";
    const outcomes = await cluster.settled(writes);
    expect(outcomes.map(({ kind }) => kind)).toEqual(keys.map(() => "committed"));
    const { kvs } = await cluster.settled(client.range(withPrefix("key/")));
    expect(kvs.map((kv) => kv.version)).toEqual(keys.map(() => 2));
  });

  it("does not run in a circle between two nodes that hold each other for the leader", async () => {
    await begin();
    await cluster.settled(client.put("k", "0"));
    cluster.leader = undefined;
    cluster.hints = { a: "b", b: "a" };
    cluster.asked.length = 0;
    const write = client.put("k", "0", { timeoutMs: 1_000 });
    expect(await cluster.settled(write)).toEqual({ kind: "rejected", reason: "unavailable" });
    expect(cluster.asked.length).toBeGreaterThan(10);
    expect(cluster.asked.length).toBeLessThan(150);
    cluster.hints = {};
    cluster.leader = "c";
    expect(await cluster.settled(client.put("k", "0"))).toMatchObject({ kind: "committed" });
  });

  it("is rejected as unavailable, and not unknown, when no attempt can have been taken", async () => {
    await begin({ timeoutMs: 500 });
    await cluster.settled(client.put("k", "0"));
    cluster.leader = undefined;
    const rejected = { kind: "rejected", reason: "unavailable" };
    expect(await cluster.settled(client.put("k", "1"))).toEqual(rejected);
    for (const node of ["a", "b", "c"]) cluster.network.partition("client", node);
    expect(await cluster.settled(client.put("k", "1"))).toEqual(rejected);
    await expect(cluster.settled(client.get("k"))).rejects.toMatchObject({
      code: "unavailable",
      cause: expect.any(TransportError),
    });
  });

  it("opens another session when its own is expired at the first try: nothing shows of it", async () => {
    cluster = new TestCluster({ sessionTtlMs: 1_000 });
    client = await cluster.start();
    await cluster.settled(client.put("k", "0"));
    const other = createKvClient(
      { nodes: ["a"] },
      { transport: cluster.clientTransport, clock: cluster.clock },
    );
    await cluster.clock.advance(5_000);
    await cluster.settled(other.put("other", "moves the log's time on"));
    const writes = Promise.all([client.put("k", "1"), client.put("l", "1")]);
    expect(await cluster.settled(writes)).toMatchObject([
      { kind: "committed" },
      { kind: "committed" },
    ]);
    expect(await cluster.settled(client.get("k"))).toMatchObject({ version: 2 });
  });

  it("is unknown when the session is expired at a retry: the first try may have been applied", async () => {
    cluster = new TestCluster({ maxSessions: 1 });
    client = await cluster.start();
    await cluster.settled(client.put("k", "0"));
    cluster.mishaps.push("applied, then silence");
    const write = client.put("k", "1");
    await cluster.clock.advance(10);
    const other = createKvClient(
      { nodes: ["a"] },
      { transport: cluster.clientTransport, clock: cluster.clock },
    );
    await cluster.settled(other.put("other", "its session takes the only place"));
    expect(await cluster.settled(write)).toEqual({ kind: "unknown", reason: "session-expired" });
    expect(await cluster.settled(client.put("k", "2"))).toMatchObject({ kind: "committed" });
    expect(await cluster.settled(client.get("k"))).toMatchObject({ version: 3 });
  });

  it("opens one session for many first writes, and again after it could not be opened", async () => {
    await begin({ timeoutMs: 400 });
    cluster.leader = undefined;
    const early = Promise.all([client.put("a", "0"), client.put("b", "0", { timeoutMs: 100 })]);
    const rejected = { kind: "rejected", reason: "unavailable" };
    expect(await cluster.settled(early)).toEqual([rejected, rejected]);
    cluster.leader = "b";
    await cluster.settled(Promise.all(["a", "b", "c"].map((key) => client.put(key, "1"))));
    expect(cluster.machine.sessionCount).toBe(1);
    expect(cluster.proposals.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
  });

  it("answeredBelow never covers a write that may be retried, with many under way", async () => {
    await begin();
    await cluster.settled(client.put("first", "0"));
    const answered = new Set([1]);
    cluster.mishaps.push("not applied, then silence", "applied, then silence");
    const write = (at: number): Promise<unknown> =>
      client.put(`k${at}`, "0").then(() => answered.add(at + 2));
    // In a turn of their own: a message is answered as a whole.
    const writes = [write(0), write(1)];
    await cluster.clock.advance(1);
    for (let at = 2; at < 20; at++) writes.push(write(at));
    await cluster.clock.advance(20);
    expect(answered.size).toBe(19);
    writes.push(client.put("last", "0").then(() => answered.add(22)));
    await cluster.settled(Promise.all(writes));
    for (const { sequence, answeredBelow } of cluster.proposals) {
      expect(answeredBelow).toBeLessThanOrEqual(sequence);
    }
    const last = cluster.proposals.filter(({ sequence }) => sequence === 22);
    expect(last).toMatchObject([{ answeredBelow: 2 }]);
    await cluster.settled(client.put("now", "0"));
    expect(cluster.proposals.at(-1)).toMatchObject({ sequence: 23, answeredBelow: 23 });
  });

  it("turns away what is above maxInflight, at once, and has room again afterwards", async () => {
    await begin({ maxInflight: 2 });
    await cluster.settled(client.put("k", "0"));
    const two = Promise.all([client.put("a", "0"), client.get("k")]);
    expect(await client.put("b", "0")).toEqual({ kind: "rejected", reason: "overloaded" });
    await expect(client.get("k")).rejects.toMatchObject({ code: "overloaded" });
    await cluster.settled(two);
    expect(await cluster.settled(client.put("b", "0"))).toMatchObject({ kind: "committed" });
  });

  it("waits and retries while the cluster is overloaded; says so when that does not pass", async () => {
    await begin({ timeoutMs: 500 });
    cluster.mishaps.push("overloaded", "overloaded");
    expect(await cluster.settled(client.put("k", "0"))).toMatchObject({ kind: "committed" });
    expect(cluster.asked).toEqual(["a", "a", "a"]);
    cluster.mishaps.push(...Array<Mishap>(1_000).fill("overloaded"));
    expect(await cluster.settled(client.put("k", "1"))).toEqual({
      kind: "rejected",
      reason: "overloaded",
    });
  });

  it("a command that can never be carried out is rejected with the code of why", async () => {
    await begin();
    const twice = { compares: [], success: [put("a", "1"), put("a", "2")], failure: [] };
    const huge = new Uint8Array(MAX_REQUEST_BYTES);
    expect(await cluster.settled(client.put("", "0"))).toEqual({
      kind: "rejected",
      reason: "empty-key",
    });
    expect(await cluster.settled(client.transaction(twice))).toEqual({
      kind: "rejected",
      reason: "duplicate-key",
    });
    expect(await client.put("a", huge)).toEqual({ kind: "rejected", reason: "request-too-large" });
    await expect(cluster.settled(client.get(""))).rejects.toMatchObject({ code: "empty-key" });
    expect(cluster.machine.machine.revision).toBe(1);
  });

  it("a signal ends a write: rejected before any node can have taken it, unknown after", async () => {
    await begin();
    await cluster.settled(client.put("k", "0"));
    const signal = AbortSignal.abort(new Error("too late"));
    expect(await client.put("k", "1", { signal })).toEqual({ kind: "rejected", reason: "aborted" });
    await expect(client.get("k", { signal })).rejects.toThrow("too late");

    const gone = new AbortController();
    cluster.mishaps.push("applied, then silence");
    const write = client.put("k", "1", { signal: gone.signal });
    await cluster.clock.advance(5);
    gone.abort();
    expect(await write).toEqual({ kind: "unknown", reason: "aborted" });

    cluster.leader = undefined;
    const waiting = new AbortController();
    const [read, put2] = [
      client.get("k", { signal: waiting.signal }),
      client.put("k", "2", { signal: waiting.signal }),
    ];
    await cluster.clock.advance(50);
    waiting.abort(new Error("gave up"));
    await expect(read).rejects.toThrow("gave up");
    expect(await put2).toEqual({ kind: "rejected", reason: "aborted" });
  });

  it("stop ends retries; what is under way ends with its attempt", async () => {
    await begin();
    await cluster.settled(client.put("k", "0"));
    cluster.mishaps.push("applied, then silence");
    const underWay = client.put("k", "1");
    await cluster.clock.advance(5);
    cluster.leader = undefined;
    const waiting = client.put("l", "1");
    await cluster.clock.advance(50);
    const stopped = client.stop();
    expect(await waiting).toEqual({ kind: "rejected", reason: "stopped" });
    await cluster.settled(stopped);
    expect(await underWay).toEqual({ kind: "unknown", reason: "stopped" });
    expect(await client.put("k", "2")).toEqual({ kind: "rejected", reason: "stopped" });
    await expect(client.get("k")).rejects.toMatchObject({ code: "stopped" });
    await client.stop();
  });

  it("a linearizable read goes to the leader; a stale one to any node, without a leader too", async () => {
    await begin();
    await cluster.settled(client.put("k", "0"));
    cluster.leader = "b";
    cluster.asked.length = 0;
    expect(await cluster.settled(client.get("k"))).toMatchObject({ version: 1 });
    expect(cluster.asked).toEqual(["a", "b"]);
    cluster.leader = undefined;
    const stale = client.get("k", { consistency: "stale", timeoutMs: 100 });
    expect(await cluster.settled(stale)).toMatchObject({ version: 1 });
    const fresh = client.get("k", { timeoutMs: 100 });
    await expect(cluster.settled(fresh)).rejects.toMatchObject({ code: "unavailable" });
  });

  it("takes garbage for a lost answer: unknown for a write, unavailable for a read", async () => {
    await begin();
    const garbler = cluster.network.transport("garbler");
    const session = encodeAnswers([{ kind: "session", sessionId: 1 }], 0);
    garbler.onRequest(protocolOf(undefined), (_from, message) =>
      decodeRequests(message).requests[0]!.kind === "open-session" ? session : Uint8Array.of(1, 99),
    );
    await garbler.start();
    const { clientTransport: transport, clock } = cluster;
    const confused = createKvClient({ nodes: ["garbler"], timeoutMs: 50 }, { transport, clock });
    await expect(cluster.settled(confused.get("k"))).rejects.toMatchObject({ code: "unavailable" });
    const write = cluster.settled(confused.put("k", "v"));
    expect(await write).toEqual({ kind: "unknown", reason: "timeout" });
    await garbler.stop();
  });

  it.each([
    { nodes: [] },
    { timeoutMs: 0 },
    { attemptTimeoutMs: NaN },
    { maxInflight: 0.5 },
    { firstRetryDelayMs: -1 },
    { maxRetryDelayMs: 1 },
  ])("invalid-option: %j", async (options) => {
    await begin();
    const { clientTransport: transport } = cluster;
    expect(() => createKvClient({ nodes: ["a"], ...options }, { transport })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});
