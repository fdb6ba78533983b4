import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ALL_KEYS, type KvClient, type KvWatch, put, utf8, withPrefix } from "../src/index.ts";
import { RaftCluster } from "./raft-cluster.ts";

let cluster: RaftCluster;
let client: KvClient;

beforeEach(async () => {
  cluster = new RaftCluster();
  client = await cluster.start({ watchProgressMs: 1_000 });
});

afterEach(() => cluster.stop());

async function write(key: string, value: string): Promise<void> {
  expect(await cluster.settled(client.put(key, value))).toMatchObject({ kind: "committed" });
}

/** Takes batches until `count` events are together, as "key=value@revision". */
async function taken(watch: KvWatch, count: number): Promise<string[]> {
  const events: string[] = [];
  while (events.length < count) {
    const { value, done } = await cluster.settled(watch.next());
    if (done) break;
    for (const { kind, kv } of value.events) {
      const what = kind === "put" ? `=${utf8(kv.value)}` : " deleted";
      events.push(`${utf8(kv.key)}${what}@${kv.modRevision}`);
    }
  }
  return events;
}

describe("watches through the client", () => {
  it("tells what happens from the revision after the current one, puts and deletes", async () => {
    await write("a/1", "before");
    const watch = client.watch(withPrefix("a/"), { prevKv: true });
    expect(await cluster.settled(watch.started)).toBe(3);
    await write("a/1", "x");
    await write("b", "elsewhere");
    await cluster.settled(client.delete("a/1"));
    const { value: first } = await cluster.settled(watch.next());
    expect(first.events).toMatchObject([{ kind: "put", kv: { version: 2 } }]);
    expect(utf8(first.events[0].prevKv.value)).toBe("before");
    expect(await taken(watch, 1)).toEqual(["a/1 deleted@5"]);
    await watch.return!();
    expect(await watch.next()).toEqual({ done: true, value: undefined });
  });

  it("tells the past from `startRevision` on, by the filters that it is given", async () => {
    for (const value of ["1", "2", "3"]) await write("k", value);
    await cluster.settled(client.delete("k"));
    const past = client.watch("k", { startRevision: 3, noDeletes: true });
    expect(await taken(past, 2)).toEqual(["k=2@3", "k=3@4"]);
    const deletes = client.watch("k", { startRevision: 2, noPuts: true });
    expect(await taken(deletes, 1)).toEqual(["k deleted@5"]);
  });

  it("resumable: nodes die one after the other under load, and nothing is missed or comes twice", async () => {
    const watches = Array.from({ length: 20 }, () => client.watch(withPrefix("k")));
    await cluster.settled(Promise.all(watches.map(({ started }) => started)));
    const told = watches.map(async (watch) => {
      const revisions: number[] = [];
      for await (const { events } of watch) {
        revisions.push(...events.map(({ kv }) => kv.modRevision));
        if (revisions.at(-1)! >= 601) break;
      }
      return revisions;
    });
    let written = 0;
    const writers = Array.from({ length: 5 }, async () => {
      while (written < 600) await client.put(`k${written++ % 7}`, "v", { timeoutMs: 60_000 });
    });
    for (const [at, victim] of ["a", "b", "c", "a"].entries()) {
      await cluster.until(() => written > 120 * (at + 1));
      await cluster.crash(victim);
      await cluster.until(() => cluster.leader !== undefined && cluster.leader !== victim);
      await cluster.boot(victim);
    }
    await cluster.settled(Promise.all(writers));
    const expected = Array.from({ length: 600 }, (_, at) => at + 2);
    for (const revisions of await cluster.settled(Promise.all(told))) {
      expect(revisions).toEqual(expected);
    }
  });

  it("a node that is cut off is left for another, which tells the rest", async () => {
    const watch = client.watch("k");
    await cluster.settled(watch.started);
    await write("k", "1");
    expect(await taken(watch, 1)).toEqual(["k=1@2"]);
    const serving = [...cluster.members].find(([, { watches }]) => watches.streams > 0)![0];
    cluster.cutOff(
      serving,
      ["a", "b", "c"].filter((name) => name !== serving),
    );
    await write("k", "2");
    expect(await taken(watch, 1)).toEqual(["k=2@3"]);
    expect(cluster.members.get(serving)!.machine.revision).toBe(2);
  });

  it("a replica that lags does not tell again what was told", async () => {
    for (let each = 0; each < 10; each++) await write("k", `${each}`);
    await cluster.crash("a");
    for (let each = 0; each < 10; each++) await write("k", `${each}`);
    const watch = client.watch("k", { startRevision: 15 });
    await cluster.boot("a");
    expect((await taken(watch, 7)).at(0)).toBe("k=3@15");
  });

  it("is told `compacted`, with the revision, where what it needs is gone", async () => {
    for (let each = 0; each < 10; each++) await write("k", `${each}`);
    await cluster.settled(client.compact(8));
    await cluster.clock.advance(100); // until every node has heard of it
    const watch = client.watch("k", { startRevision: 3 });
    await expect(cluster.settled(watch.next())).rejects.toMatchObject({
      code: "compacted",
      compactRevision: 8,
    });
    expect(await watch.next()).toEqual({ done: true, value: undefined });
    const again = client.watch("k", { startRevision: 8 });
    expect(await taken(again, 4)).toHaveLength(4);
  });

  it("a slow reader is told all from history later, or `compacted`: never less in silence", async () => {
    const value = "x".repeat(500_000);
    const slow = client.watch("k");
    const other = client.watch("k");
    await cluster.settled(Promise.all([slow.started, other.started]));
    for (let each = 0; each < 24; each++) await write("k", value);
    const { value: first } = await cluster.settled(slow.next());
    expect(first.events.length).toBeGreaterThan(0);
    let told = first.events.length;
    while (told < 24) told += (await cluster.settled(slow.next())).value.events.length;
    expect(told).toBe(24);
    // What waits for the reader is bounded, and the rest is gone with the history.
    await write("k", "small");
    await cluster.settled(client.compact(26));
    await cluster.clock.advance(100);
    let missed = 0;
    const reading = (async () => {
      for await (const { events } of other) missed += events.length;
    })();
    await expect(cluster.settled(reading)).rejects.toMatchObject({ code: "compacted" });
    expect(missed).toBeGreaterThan(0);
    expect(missed).toBeLessThan(12);
  });

  it("a watch that nothing happens to is not `compacted` at another node: it was told how far it is", async () => {
    const watch = client.watch("quiet");
    await cluster.settled(watch.started);
    for (let each = 0; each < 10; each++) await write("k", `${each}`);
    await cluster.clock.advance(2_500);
    await cluster.settled(client.compact(10));
    const serving = [...cluster.members].find(([, { watches }]) => watches.streams > 0)![0];
    await cluster.crash(serving);
    await write("quiet", "now");
    expect(await taken(watch, 1)).toEqual(["quiet=now@12"]);
  });

  it("progress: marks say that everything up to a revision was told", async () => {
    const watch = client.watch("quiet", { progress: true });
    await cluster.settled(watch.started);
    await write("k", "1");
    const marks: number[] = [];
    while (marks.at(-1) !== 2) {
      const { value } = await cluster.settled(watch.next());
      expect(value.events).toEqual([]);
      marks.push(value.revision);
    }
    expect(marks).toEqual(marks.toSorted((a, b) => a - b));
  });

  it("a revision too large for a message comes in marked fragments, once, also across nodes", async () => {
    for (let at = 0; at < 9; at++) await write(`k${at}`, "x".repeat(400_000));
    await cluster.settled(client.delete(withPrefix("k")));
    const watch = client.watch(ALL_KEYS, { startRevision: 11, prevKv: true });
    const keys: string[] = [];
    const marks: boolean[] = [];
    for (let crashed = false; keys.length < 9;) {
      const { value } = await cluster.settled(watch.next());
      keys.push(...value.events.map(({ kv }: { kv: { key: Uint8Array } }) => utf8(kv.key)));
      marks.push(value.isFragment);
      if (crashed || !value.isFragment) continue;
      crashed = true;
      const serving = [...cluster.members].find(([, { watches }]) => watches.streams > 0)![0];
      await cluster.crash(serving);
    }
    expect(keys).toEqual(Array.from({ length: 9 }, (_, at) => `k${at}`));
    expect(marks.at(0)).toBe(true);
    expect(marks.at(-1)).toBe(false);
  });

  it("`unavailable` when no node can tell it for as long as it may take, and not before", async () => {
    const watch = client.watch("k", { timeoutMs: 3_000 });
    const patient = client.watch("k", { timeoutMs: Infinity });
    await cluster.settled(Promise.all([watch.started, patient.started]));
    await cluster.clock.advance(1_000);
    cluster.cutOffClient();
    const cutAtMs = cluster.clock.now();
    await expect(cluster.settled(watch.next())).rejects.toMatchObject({ code: "unavailable" });
    expect(cluster.clock.now() - cutAtMs).toBeGreaterThanOrEqual(2_900);
    cluster.heal();
    await write("k", "1");
    expect(await taken(patient, 1)).toEqual(["k=1@2"]);
  });

  it("is cancelled by its signal, by leaving the loop, and by stop", async () => {
    const control = new AbortController();
    const aborted = client.watch("k", { signal: control.signal });
    const left = client.watch("k");
    const stopped = client.watch("k");
    await cluster.settled(Promise.all([aborted, left, stopped].map(({ started }) => started)));
    await write("k", "1");
    const leaving = (async () => {
      for await (const _ of left) break;
    })();
    await cluster.settled(leaving);
    const reason = new Error("enough");
    control.abort(reason);
    await expect(aborted.next()).rejects.toBe(reason);
    expect(await taken(stopped, 1)).toEqual(["k=1@2"]);
    const last = stopped.next();
    const expectation = expect(last).rejects.toMatchObject({ code: "stopped" });
    await cluster.settled(client.stop());
    await expectation;
    await cluster.until(() => [...cluster.members.values()].every((each) => !each.watches.streams));
  });

  it("refuses what is no watch", () => {
    expect(() => client.watch("")).toThrow(expect.objectContaining({ code: "empty-key" }) as Error);
    for (const options of [{ startRevision: -1 }, { timeoutMs: 0 }]) {
      const invalid = expect.objectContaining({ code: "invalid-option" }) as Error;
      expect(() => client.watch("k", options)).toThrow(invalid);
    }
  });

  it("thousands of watches on one stream are all told", async () => {
    const watches = Array.from({ length: 3_000 }, (_, at) => client.watch(at % 2 ? "k" : `k${at}`));
    await cluster.settled(Promise.all(watches.map(({ started }) => started)));
    await cluster.settled(
      client.transaction({ compares: [], success: [put("k", "1"), put("k8", "1")], failure: [] }),
    );
    const told = watches.filter((_, at) => at % 2 || at === 8).map((watch) => taken(watch, 1));
    expect(await cluster.settled(Promise.all(told))).toHaveLength(1_501);
    const streams = [...cluster.members.values()].map((each) => each.watches.streams);
    expect(streams.toSorted((a, b) => a - b)).toEqual([0, 0, 1]);
  });
});
