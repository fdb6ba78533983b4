import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { Ledger } from "@quorate/replication/compliance";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createRaftNode, type RaftNode, WalStorage } from "../src/index.ts";
import { bytes } from "./core-cluster.ts";

const VOTERS = ["n1", "n2", "n3"];
const GROUPS = ["red", "blue", undefined];

/** Each node has a member of each group, all over its one transport. */
describe("several groups over one transport", () => {
  const clock = new VirtualClock();
  let transports: Transport[];
  let groups: Map<string | undefined, RaftNode<Ledger>[]>;

  beforeEach(async () => {
    const network = createMemoryNetwork({}, { clock, random: seededRandom("groups") });
    transports = VOTERS.map((name) => network.transport(name));
    await Promise.all(transports.map((transport) => transport.start()));
    groups = new Map(GROUPS.map((group) => [group, transports.map((at) => member(at, group))]));
    await Promise.all([...groups.values()].flat().map((node) => node.start()));
  });

  afterEach(async () => {
    await Promise.all([...groups.values()].flat().map((node) => node.stop()));
    await Promise.all(transports.map((transport) => transport.stop()));
  });

  function member(transport: Transport, group: string | undefined): RaftNode<Ledger> {
    const { nodeId } = transport;
    const directory = `/${nodeId}`;
    const timing = { electionTimeoutMs: 200, heartbeatMs: 20 };
    const options = { voters: VOTERS, directory, ...timing };
    const storage = new WalStorage({ directory, nodeId, voters: VOTERS }, new MemoryFileSystem());
    return createRaftNode(group === undefined ? options : { ...options, group }, {
      ...{ transport, machine: new Ledger(), storage, clock },
      random: seededRandom(`groups ${nodeId}`),
    });
  }

  async function until<T>(look: () => T | undefined): Promise<T> {
    for (let step = 0; step < 3_000; step++) {
      const found = look();
      if (found !== undefined) return found;
      await clock.advance(10);
    }
    throw new Error(`waited in vain for ${String(look)}`);
  }

  const leaderOf = (group: string | undefined): RaftNode<Ledger> | undefined =>
    groups.get(group)!.find((node) => node.status().role === "leader");

  it("each have a leader and a log of their own: what one commits, the others never see", async () => {
    for (const group of GROUPS) {
      const leader = await until(() => leaderOf(group));
      let kind: string | undefined;
      void leader.propose(bytes(`to ${group}`)).then((outcome) => (kind = outcome.kind));
      expect(await until(() => kind)).toBe("committed");
    }
    for (const [group, nodes] of groups) {
      for (const node of nodes) {
        const read = { consistency: "stale" } as const;
        const ledger = await until(() => (node.status().appliedIndex >= 2 ? node : undefined));
        const { value } = await ledger.read((machine) => [...machine.lines], read);
        expect(value).toEqual([`to ${group}`]);
      }
    }
  });

  it("elect independently: one whose members have stopped does not hold up the others", async () => {
    const [first, second] = groups.get("red")!;
    await Promise.all([first!.stop(), second!.stop()]);
    const leader = await until(() => leaderOf("blue"));
    let value: number | undefined;
    void leader.read(() => 1).then((read) => (value = read.value));
    expect(await until(() => value)).toBe(1);
    expect(leaderOf("red")).toBeUndefined();
  });

  it.each(["", "a/b", "ü", "x".repeat(65)])("refuses %j as the name of a group", (group) => {
    const [transport] = transports;
    expect(() => member(transport!, group)).toThrow(
      expect.objectContaining({ code: "invalid-option" }),
    );
  });
});
