import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type MemoryNetwork, type Transport } from "@quorate/transport";
import { afterEach, describe, expect, it } from "vitest";
import {
  createRegisterNode,
  LogRegisterStorage,
  type PaxosError,
  type RegisterNode,
  type RegisterOptions,
  type RegisterOutcome,
} from "../src/register/index.ts";

const NAMES = ["n1", "n2", "n3"];
const TEA = new TextEncoder().encode("tea");
const NOODLES = new TextEncoder().encode("noodles");

interface Member {
  readonly node: RegisterNode;
  readonly disk: MemoryFileSystem;
  readonly transport: Transport;
}

/** Nodes on a virtual clock, a network in memory, and disks in memory. */
class VirtualRegister {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly members = new Map<string, Member>();
  #boots = 0;

  constructor() {
    this.network = createMemoryNetwork({}, { clock: this.clock, random: seededRandom("network") });
  }

  async boot(
    name: string,
    disk = new MemoryFileSystem(),
    options: Partial<RegisterOptions> = {},
  ): Promise<RegisterNode> {
    const transport = this.network.transport(name);
    await transport.start();
    const random = seededRandom(`boot ${this.#boots++}`);
    // Ticks of 5 ms: between two, promises go on, and what reads a whole log needs many.
    const base = { members: NAMES, directory: `/${name}`, bootstrap: true, retransmitMs: 20 };
    const all = { ...base, ...options };
    const { directory, bootstrap, members } = all;
    const storage = new LogRegisterStorage(
      { directory, nodeId: name, bootstrap, members, segmentBytes: 64 * 1024 },
      disk,
      random,
    );
    const node = createRegisterNode(all, { transport, storage, clock: this.clock, random });
    this.members.set(name, { node, disk, transport });
    await node.start();
    return node;
  }

  async bootAll(): Promise<[RegisterNode, RegisterNode, RegisterNode]> {
    const all: RegisterNode[] = [];
    for (const name of NAMES) all.push(await this.boot(name));
    return all as [RegisterNode, RegisterNode, RegisterNode];
  }

  node(name: string): RegisterNode {
    return this.members.get(name)!.node;
  }

  async halt(name: string): Promise<MemoryFileSystem> {
    const { node, transport, disk } = this.members.get(name)!;
    await node.stop();
    await transport.stop();
    this.members.delete(name);
    return disk;
  }

  async stop(): Promise<void> {
    for (const name of this.members.keys()) await this.halt(name);
  }
}

let register: VirtualRegister;

/** Lets time pass, two minutes at most, until `outcome` settles. */
async function passing<T>(outcome: Promise<T>): Promise<T> {
  const isOver = new AbortController();
  const end = (): void => isOver.abort();
  void outcome.then(end, end);
  for (let ms = 0; ms < 120_000 && !isOver.signal.aborted; ms += 20) {
    await register.clock.advance(20);
  }
  expect(isOver.signal.aborted, "nothing came of it in two minutes").toBe(true);
  return outcome;
}

async function done<R>(outcome: Promise<RegisterOutcome<R>>): Promise<R> {
  const ended = await passing(outcome);
  if (ended.kind === "committed") return ended.result;
  throw new Error(`${ended.kind}: ${ended.reason}`);
}

async function valueAt(node: RegisterNode, key: string): Promise<string | undefined> {
  const found = await done(node.get(key));
  return found && new TextDecoder().decode(found.value);
}

afterEach(() => register.stop());

describe("RegisterNode", () => {
  it("get, set, compareAndSet, update and delete, from any node", async () => {
    register = new VirtualRegister();
    const [a, b, c] = await register.bootAll();
    expect(await done(a.get("k"))).toBeUndefined();
    const version = await done(a.set("k", TEA));
    expect(await done(b.get("k"))).toEqual({ value: TEA, version });
    expect(await done(c.compareAndSet("k", { value: NOODLES }, TEA))).toEqual({
      matched: false,
      current: { value: TEA, version },
    });
    expect(await done(c.compareAndSet("k", { version }, NOODLES))).toMatchObject({ matched: true });
    expect(await done(b.compareAndSet("k", { version }, TEA))).toMatchObject({ matched: false });
    expect(await done(b.update("k", (value) => value))).toMatchObject({ value: NOODLES });
    expect(await done(b.update("k", (value) => value?.slice(0, 4)))).toMatchObject({
      value: NOODLES.slice(0, 4),
    });
    expect(await done(a.delete("k"))).toBe(true);
    expect(await done(a.delete("k"))).toBe(false);
    expect(await done(c.get("k"))).toBeUndefined();
    expect(await done(c.compareAndSet("k", { value: undefined }, TEA))).toMatchObject({
      matched: true,
    });
    expect(a.explain()).toEqual([]);
    expect(a.status()).toMatchObject({ isRunning: true, votes: true, epoch: 0, members: NAMES });
  });

  it("paxos.md 15: a compareAndSet by version that is tried again after `unknown` matches once", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    const version = await done(a.set("k", TEA));
    register.network.partition("n1", "n2");
    register.network.partition("n1", "n3");
    const lost = await passing(a.compareAndSet("k", { version }, NOODLES, { timeoutMs: 200 }));
    expect(lost).toEqual({ kind: "unknown", reason: "timeout" });
    register.network.heal();
    const again = await done(b.compareAndSet("k", { version }, NOODLES));
    const thrice = await done(a.compareAndSet("k", { version }, NOODLES));
    expect([again.matched, thrice.matched].filter(Boolean).length).toBeLessThanOrEqual(1);
    expect(await valueAt(b, "k")).toBe("noodles");
  });

  it("all of it survives a crash of all nodes", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    for (let at = 0; at < 50; at++) await done(a.set(`k${at}`, TEA));
    for (const name of NAMES) {
      const disk = await register.halt(name);
      disk.crash();
      await register.boot(name, disk, { bootstrap: false });
    }
    expect(await valueAt(register.node("n3"), "k17")).toBe("tea");
  });

  it("what the caller's function throws is the caller's, and changes nothing", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    await done(a.set("k", TEA));
    const failing = b.update("k", () => {
      throw new Error("out of noodles");
    });
    await expect(passing(failing)).rejects.toThrow("out of noodles");
    expect(await valueAt(a, "k")).toBe("tea");
  });

  it("deleted keys leave all disks, and nothing of them comes back", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    for (let at = 0; at < 30; at++) await done(a.set(`k${at}`, TEA));
    for (let at = 0; at < 30; at++) await done(b.delete(`k${at}`));
    await register.clock.advance(30_000);
    for (const name of NAMES) {
      expect(register.node(name).metrics()).toMatchObject({ keysOnDisk: 0, keysToCollect: 0 });
    }
    expect(await valueAt(a, "k3")).toBeUndefined();
  });

  it("paxos.md 3: a write that fails is final: the node stops, answers nothing, and says so", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    const failures: PaxosError[] = [];
    b.onFailure((error) => failures.push(error));
    register.members.get("n2")!.disk.onOperation = ({ operation }) => {
      if (operation === "sync") throw new FileSystemError("io-error", "/n2", "the disk is gone");
    };
    await done(a.set("k", TEA));
    await register.clock.advance(1_000);
    expect(failures).toMatchObject([{ code: "storage-failed" }]);
    expect(b.status().isRunning).toBe(false);
    expect(b.explain().join()).toMatch(/the node has stopped/);
    expect(await b.get("k")).toEqual({ kind: "rejected", reason: "stopped" });
    expect(await valueAt(a, "k")).toBe("tea");
  });

  it("without a majority nothing is answered, and the outcome says what is known", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    await done(a.set("k", TEA));
    await register.halt("n2");
    await register.halt("n3");
    expect(await passing(a.get("k"))).toEqual({ kind: "rejected", reason: "unavailable" });
    const writing = a.set("k", NOODLES, { timeoutMs: 300 });
    expect(a.explain().join()).toMatch(/wait for a majority/);
    expect(await passing(writing)).toEqual({ kind: "unknown", reason: "timeout" });
    const abort = new AbortController();
    const aborted = a.set("new", TEA, { signal: abort.signal });
    abort.abort();
    expect(await passing(aborted)).toEqual({ kind: "rejected", reason: "aborted" });
    const stopped = a.set("new", TEA);
    await register.halt("n1");
    expect(await stopped).toEqual({ kind: "rejected", reason: "stopped" });
  });

  it("keys, values and options out of their range are refused with their code", async () => {
    register = new VirtualRegister();
    const node = await register.boot("n1", undefined, { maxValueBytes: 10, maxOperations: 1 });
    for (const key of ["", "k".repeat(1_025), "ü".repeat(600), "\ud800"]) {
      await expect(node.get(key)).rejects.toMatchObject({ code: "invalid-option" });
    }
    const large = new Uint8Array(11);
    const tooLarge = { kind: "rejected", reason: "too-large" };
    expect(await node.set("k", large)).toEqual(tooLarge);
    expect(await node.compareAndSet("k", { value: undefined }, large)).toEqual(tooLarge);
    await expect(node.compareAndSet("k", { version: "?" }, TEA)).rejects.toMatchObject({
      code: "invalid-option",
    });
    const waiting = node.get("k");
    expect(await node.get("k")).toEqual({ kind: "rejected", reason: "overloaded" });
    await register.halt("n1");
    await waiting;
    const transport = register.network.transport("n9");
    const idle = createRegisterNode({ members: NAMES, directory: "/n9" }, { transport });
    await expect(idle.get("k")).rejects.toMatchObject({ code: "not-started" });
    for (const wrong of [
      { retransmitMs: 0 },
      { members: [] },
      { name: "a/b" },
      { directory: "" },
    ]) {
      const options = { members: NAMES, directory: "/n9", ...wrong };
      expect(() => createRegisterNode(options, { transport })).toThrow(
        expect.objectContaining({ code: "invalid-option" }),
      );
    }
  });

  it("bytes that no node sends are counted, and change nothing", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    const { transport } = register.members.get("n2")!;
    for (const bytes of [[], [1, 0, 7], [99, 0], [1, 9], [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 77]]) {
      transport.send("n1", "quorate/paxos/register/register", new Uint8Array(bytes));
    }
    await register.clock.advance(10);
    expect(a.metrics().framesRefused).toBe(5);
    await done(a.set("k", TEA));
  });
});

describe("changeMembers (CASPaxos §2.3)", () => {
  it("a node is added: it has all keys, and counts", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    for (let at = 0; at < 300; at++) await done(a.set(`k${at}`, TEA));
    const d = await register.boot("n4", undefined, { bootstrap: false });
    expect(d.status().votes).toBe(false);
    expect(await done(a.changeMembers([...NAMES, "n4"]))).toEqual([...NAMES, "n4"]);
    expect(d.status()).toMatchObject({ votes: true, epoch: 2 });
    expect(d.metrics().keysOnDisk).toBe(301); // and the configuration
    await register.halt("n1");
    expect(await valueAt(d, "k123")).toBe("tea");
  });

  it("all members are exchanged, one change after the other, and no key is lost", async () => {
    register = new VirtualRegister();
    await register.bootAll();
    for (let at = 0; at < 40; at++) await done(register.node("n1").set(`k${at}`, TEA));
    for (const name of ["n4", "n5", "n6"]) {
      await register.boot(name, undefined, { bootstrap: false });
    }
    await done(register.node("n2").changeMembers(["n2", "n4", "n5"]));
    await done(register.node("n4").changeMembers(["n4", "n5", "n6"]));
    for (const name of NAMES) await register.halt(name);
    expect(await valueAt(register.node("n6"), "k39")).toBe("tea");
    expect(register.node("n6").status()).toMatchObject({ epoch: 4, members: ["n4", "n5", "n6"] });
  });

  it("paxos.md 8: a node that lost its disk does not vote, until it is taken in again", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    await done(a.set("k", TEA));
    await register.halt("n3");
    const c = await register.boot("n3", new MemoryFileSystem(), { bootstrap: false });
    expect(c.status().votes).toBe(false);
    expect(c.explain().join()).toMatch(/data was lost/);
    expect(await done(c.changeMembers(NAMES))).toEqual(NAMES);
    expect(c.status()).toMatchObject({ votes: true, epoch: 4 });
    await register.halt("n1");
    expect(await valueAt(c, "k")).toBe("tea");
  });

  it("whoever calls it after a coordinator that is gone goes on where that was", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    for (let at = 0; at < 20; at++) await done(a.set(`k${at}`, TEA));
    await register.boot("n4", undefined, { bootstrap: false });
    const begun = a.changeMembers(["n1", "n2", "n4"]);
    void begun.catch(() => {});
    while (a.status().nextMembers === undefined) await register.clock.advance(1);
    await register.halt("n1");
    await begun;
    expect(b.status().members).toEqual(NAMES);
    const finished = b.changeMembers(["n2", "n3", "n4"]);
    expect(await done(finished)).toEqual(["n2", "n3", "n4"]);
    expect(await valueAt(register.node("n4"), "k7")).toBe("tea");
  });

  it("a node that slept through it learns of it, and so do operations that were under way", async () => {
    register = new VirtualRegister();
    const [a, , c] = await register.bootAll();
    await done(a.set("k", TEA));
    const disk = await register.halt("n3");
    await register.boot("n4", undefined, { bootstrap: false });
    await done(a.changeMembers(["n1", "n2", "n4"]));
    expect(c.status().isRunning).toBe(false);
    const again = await register.boot("n3", disk, { bootstrap: false });
    expect(again.status()).toMatchObject({ epoch: 0, votes: true });
    expect(await valueAt(again, "k")).toBe("tea");
    expect(again.status()).toMatchObject({ epoch: 2, votes: false });
  });

  it("two that change the members at once come to an end, one after the other", async () => {
    register = new VirtualRegister();
    const [a, b] = await register.bootAll();
    await done(a.set("k", TEA));
    const both = [a.changeMembers(["n1", "n2"]), b.changeMembers(["n2", "n3"])];
    const outcomes = await passing(Promise.all(both));
    expect(outcomes.map(({ kind }) => kind)).toEqual(["committed", "committed"]);
    const { members, nextMembers } = b.status();
    expect(nextMembers).toBeUndefined();
    expect([
      ["n1", "n2"],
      ["n2", "n3"],
    ]).toContainEqual(members);
    expect(await valueAt(b, "k")).toBe("tea");
  });

  it("paxos.md 17: a node that was a member before comes back knowing nothing", async () => {
    register = new VirtualRegister();
    const [a, b, c] = await register.bootAll();
    await done(a.set("k", TEA));
    await done(a.changeMembers(["n1", "n2"]));
    await done(a.delete("k"));
    await register.clock.advance(5_000);
    expect(a.metrics().keysOnDisk).toBe(1); // the configuration
    expect(c.metrics().keysOnDisk).toBe(2); // and the key, of which it does not count any more
    await done(b.changeMembers(NAMES));
    expect(c.metrics().keysOnDisk).toBe(1);
    register.network.partition("n1", "n3");
    register.network.partition("n1", "n2");
    expect(await valueAt(c, "k")).toBeUndefined();
  });

  it("without an answer from a new member it gives up in time, and nothing is changed", async () => {
    register = new VirtualRegister();
    const [a] = await register.bootAll();
    const outcome = await passing(a.changeMembers(["n1", "n2", "n9"], { timeoutMs: 3_000 }));
    expect(outcome).toEqual({ kind: "unknown", reason: "timeout" });
    expect(a.status()).toMatchObject({ epoch: 0, members: NAMES });
  });
});
