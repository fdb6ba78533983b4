import { FileSystemError, seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type MemoryNetwork, type Transport } from "@quorate/transport";
import { afterEach, describe, expect, it } from "vitest";
import {
  createSynodNode,
  encodeMessage,
  majorityQuorums,
  PaxosError,
  type SynodNode,
  type SynodOptions,
  WalSynodStorage,
} from "../src/index.ts";

const NAMES = ["n1", "n2", "n3"];
const NOODLES = new TextEncoder().encode("noodles");
const TEA = new TextEncoder().encode("tea");

interface Member {
  readonly node: SynodNode;
  readonly disk: MemoryFileSystem;
  readonly transport: Transport;
}

/** Nodes on a virtual clock, a network in memory, and disks in memory. */
class VirtualSynod {
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
    options: Partial<SynodOptions> = {},
  ): Promise<Member> {
    const transport = this.network.transport(name);
    await transport.start();
    const random = seededRandom(`boot ${this.#boots++}`);
    const all = {
      quorums: majorityQuorums(NAMES),
      directory: `/${name}`,
      bootstrap: true,
      ...options,
    };
    const { directory, bootstrap } = all;
    const storage = new WalSynodStorage({ directory, nodeId: name, bootstrap }, disk, random);
    const node = createSynodNode(all, { transport, storage, clock: this.clock, random });
    const member = { node, disk, transport };
    this.members.set(name, member);
    await node.start();
    return member;
  }

  async bootAll(): Promise<Member[]> {
    const all: Member[] = [];
    for (const name of NAMES) all.push(await this.boot(name));
    return all;
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

let synod: VirtualSynod;

/** Lets time pass, a minute at most, until `outcome` settles. */
async function passing<T>(outcome: Promise<T>): Promise<T> {
  const isOver = new AbortController();
  const end = (): void => isOver.abort();
  void outcome.then(end, end);
  for (let ms = 0; ms < 60_000 && !isOver.signal.aborted; ms += 20) await synod.clock.advance(20);
  expect(isOver.signal.aborted, "nothing came of it in a minute").toBe(true);
  return outcome;
}

afterEach(() => synod.stop());

describe("SynodNode", () => {
  it("decides one value; who proposes another, and who only waits, gets the same", async () => {
    synod = new VirtualSynod();
    const [a, b, c] = await synod.bootAll();
    const values = await passing(
      Promise.all([a!.node.propose(NOODLES), b!.node.propose(TEA), c!.node.whenChosen()]),
    );
    expect(values[1]).toEqual(values[0]);
    expect(values[2]).toEqual(values[0]);
    expect(c!.node.chosen).toEqual(values[0]);
    expect(await a!.node.propose(TEA)).toEqual(values[0]);
    expect(a!.node.explain()).toEqual([]);
  });

  it("the value survives a crash of all nodes", async () => {
    synod = new VirtualSynod();
    const [a] = await synod.bootAll();
    await passing(a!.node.propose(NOODLES));
    for (const name of NAMES) {
      const disk = await synod.halt(name);
      disk.crash();
      await synod.boot(name, disk, { bootstrap: false });
    }
    expect(await passing(synod.members.get("n3")!.node.propose(TEA))).toEqual(NOODLES);
  });

  it("paxos.md 8: two that lost their disks do not make a majority that forgot", async () => {
    synod = new VirtualSynod();
    const [a] = await synod.bootAll();
    synod.network.partition("n1", "n3");
    synod.network.partition("n2", "n3");
    await passing(a!.node.propose(NOODLES));
    // n1 and n2 have chosen; n2 loses its disk, and n1 is gone: n3 and n2 must not choose tea.
    await synod.halt("n1");
    await synod.halt("n2");
    const { node } = await synod.boot("n2", new MemoryFileSystem(), { bootstrap: false });
    synod.network.heal();
    const abort = new AbortController();
    const proposed = synod.members.get("n3")!.node.propose(TEA, { signal: abort.signal });
    proposed.catch(() => {});
    await synod.clock.advance(20_000);
    expect(synod.members.get("n3")!.node.chosen).toBeUndefined();
    expect(node.status().votes).toBe(false);
    expect(node.explain().join()).toMatch(/n2 does not vote/);
    expect(synod.members.get("n3")!.node.explain().join()).toMatch(/waits for a phase-1 quorum/);
    abort.abort(new Error("enough"));
    await expect(proposed).rejects.toThrow("enough");
  });

  it("paxos.md 3: a write that fails is final: the node stops, answers nothing, and says so", async () => {
    synod = new VirtualSynod();
    const [a, b] = await synod.bootAll();
    const failures: PaxosError[] = [];
    b!.node.onFailure((error) => failures.push(error));
    b!.disk.onOperation = ({ operation }) => {
      if (operation !== "sync") return;
      throw new FileSystemError("io-error", "/n2", "the disk is gone");
    };
    const waiting = b!.node.whenChosen();
    waiting.catch(() => {});
    await passing(a!.node.propose(NOODLES));
    await expect(waiting).rejects.toMatchObject({ code: "stopped" });
    expect(failures).toMatchObject([{ code: "storage-failed" }]);
    expect(b!.node.status().phase).toBe("stopped");
    expect(b!.node.explain().join()).toMatch(/the node has stopped/);
    await expect(b!.node.propose(TEA)).rejects.toMatchObject({ code: "stopped" });
  });

  it("bytes that no node sends are counted, and change nothing", async () => {
    synod = new VirtualSynod();
    const [a, b] = await synod.bootAll();
    const protocol = "quorate/paxos/synod";
    const future = encodeMessage({ type: "learn" }).slice();
    future[0] = 99;
    for (const bytes of [new Uint8Array(), new Uint8Array([1, 0, 7]), future]) {
      b!.transport.send("n1", protocol, bytes);
    }
    await synod.clock.advance(10);
    expect(a!.node.metrics().messagesRefused).toBe(3);
    expect(await passing(a!.node.propose(NOODLES))).toEqual(NOODLES);
  });

  it("several synods share a transport, each with a name and a directory", async () => {
    synod = new VirtualSynod();
    const members = await synod.bootAll();
    const seconds: SynodNode[] = [];
    for (const { transport, disk } of members) {
      const { nodeId } = transport;
      const directory = `/${nodeId}-dessert`;
      const storage = new WalSynodStorage({ directory, nodeId, bootstrap: true }, disk);
      const options = {
        ...{ quorums: majorityQuorums(NAMES), directory, bootstrap: true, name: "dessert" },
      };
      const node = createSynodNode(options, { transport, storage, clock: synod.clock });
      await node.start();
      seconds.push(node);
    }
    const dessert = await passing(seconds[0]!.propose(TEA));
    expect(dessert).toEqual(TEA);
    expect(members[0]!.node.chosen).toBeUndefined();
    for (const node of seconds) await node.stop();
  });

  it("what is proposed too large, by too many, too early or too late is refused with its code", async () => {
    synod = new VirtualSynod();
    const { node } = await synod.boot("n1", new MemoryFileSystem(), {
      maxValueBytes: 10,
      maxWaiting: 1,
    });
    await expect(node.propose(new Uint8Array(11))).rejects.toMatchObject({ code: "too-large" });
    const waiting = node.whenChosen();
    waiting.catch(() => {});
    await expect(node.propose(NOODLES)).rejects.toMatchObject({ code: "overloaded" });
    expect(node.status().phase).toBe("idle");
    await node.stop();
    await expect(waiting).rejects.toMatchObject({ code: "stopped" });
    await expect(node.propose(NOODLES)).rejects.toMatchObject({ code: "stopped" });
    const transport = synod.network.transport("n9");
    const idle = createSynodNode(
      { quorums: majorityQuorums(NAMES), directory: "/n9" },
      { transport },
    );
    await expect(idle.propose(NOODLES)).rejects.toMatchObject({ code: "not-started" });
  });

  it.each([
    ["retransmitMs", { retransmitMs: 0 }],
    ["minBackoffMs", { minBackoffMs: 500, maxBackoffMs: 100 }],
    ["maxValueBytes", { maxValueBytes: 1024 * 1024 * 1024 }],
    ["directory", { directory: "" }],
    ["name", { name: "a/b" }],
    [
      "quorums that miss each other",
      {
        quorums: { nodes: NAMES, isPhase1Quorum: () => true, isPhase2Quorum: () => true },
      },
    ],
  ])("an option out of its range is refused: %s", (_, options) => {
    synod = new VirtualSynod();
    const transport = synod.network.transport("n1");
    const all = { quorums: majorityQuorums(NAMES), directory: "/n1", ...options };
    expect(() => createSynodNode(all, { transport })).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});
