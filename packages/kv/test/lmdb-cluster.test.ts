import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRaftNode, type RaftNode, WalStorage } from "@quorate/raft";
import type { Committed } from "@quorate/replication";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem, VirtualClock } from "@quorate/runtime/testing";
import { createMemoryNetwork, type Transport } from "@quorate/transport";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createKvClient, type KvClient, KvStateMachine, serveKv } from "../src/index.ts";
import { LmdbEngine } from "../src/lmdb/index.ts";

const VOTERS = ["a", "b", "c"];

class CountingMachine extends KvStateMachine {
  applied = 0;
  restored = 0;

  override apply(entries: readonly Committed[]): Uint8Array[] {
    this.applied += entries.length;
    return super.apply(entries);
  }

  override async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.restored++;
    await super.restore(chunks);
  }
}

interface Member {
  readonly transport: Transport;
  readonly disk: MemoryFileSystem;
  node: RaftNode<CountingMachine>;
  machine: CountingMachine;
  engine: LmdbEngine;
  unserve: () => void;
}

describe("nodes whose stores are on disk", () => {
  let directory: string;
  let clock: VirtualClock;
  let network: ReturnType<typeof createMemoryNetwork>;
  let members: Map<string, Member>;
  let client: KvClient;

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "kv-lmdb-"));
    clock = new VirtualClock();
    network = createMemoryNetwork({}, { clock, random: seededRandom("net") });
    members = new Map();
    for (const name of VOTERS) {
      const transport = network.transport(name);
      await transport.start();
      members.set(name, {
        transport,
        disk: new MemoryFileSystem(),
        ...({} as Omit<Member, "transport" | "disk">),
      });
      await boot(name);
    }
    const transport = network.transport("client");
    await transport.start();
    client = createKvClient(
      { nodes: VOTERS, timeoutMs: 20_000 },
      { transport, clock, random: seededRandom("client") },
    );
  });

  afterEach(async () => {
    for (const { node, engine } of members.values()) {
      await node.stop();
      await engine.close();
    }
    rmSync(directory, { recursive: true });
  });

  async function boot(name: string): Promise<Member> {
    const member = members.get(name)!;
    member.engine = LmdbEngine.open(join(directory, name));
    member.machine = new CountingMachine({}, { engine: member.engine });
    const storage = new WalStorage(
      { directory: `/${name}`, nodeId: name, voters: VOTERS },
      member.disk,
    );
    const timing = { electionTimeoutMs: 200, heartbeatMs: 20 };
    const policy = { snapshotAfterBytes: 5_000, catchUpEntries: 5 };
    member.node = createRaftNode(
      { voters: VOTERS, directory: `/${name}`, ...timing, ...policy },
      {
        transport: member.transport,
        machine: member.machine,
        storage,
        clock,
        random: seededRandom(name),
      },
    );
    member.unserve = serveKv(member.node, member.transport, {}, { clock });
    await member.node.start();
    return member;
  }

  async function stop(name: string): Promise<void> {
    const { unserve, node, engine, disk } = members.get(name)!;
    unserve();
    await node.stop();
    disk.crash();
    await engine.close();
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let step = 0; !holds(); step++) {
      if (step > 2_000) throw new Error(`waited in vain for ${String(holds)}`);
      await clock.advance(5);
      // The disks' own work is real.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async function putMany(count: number, prefix: string): Promise<void> {
    for (let at = 0; at < count; at++) {
      const outcome = await clock.until(client.put(`${prefix}/${at % 10}`, "x".repeat(100)));
      expect(outcome.kind).toBe("committed");
    }
  }

  it("a node that starts again neither restores nor replays what its store holds", async () => {
    await putMany(60, "a");
    const before = members.get("a")!;
    await until(() => before.node.metrics().snapshotsTaken > 0);
    const { appliedIndex } = before.node.status();
    const hash = before.machine.hash();
    await stop("a");
    const after = await boot("a");
    expect(after.machine.hash()).toBe(hash);
    expect(after.node.status().appliedIndex).toBe(appliedIndex);
    await putMany(5, "b");
    const reference = members.get("b")!;
    await until(() => after.machine.hash() === reference.machine.hash());
    expect(after.machine.restored).toBe(0);
    expect(after.machine.applied).toBeLessThan(15);
  }, 60_000);

  it("a follower whose entries are compacted is sent the leader's store, made when it is needed", async () => {
    await putMany(5, "a");
    const { appliedIndex } = members.get("c")!.node.status();
    await stop("c");
    const others = ["a", "b"].map((name) => members.get(name)!);
    while (others.some(({ node }) => node.status().firstIndex <= appliedIndex + 1)) {
      await putMany(10, "b");
      await new Promise((resolve) => setImmediate(resolve));
    }
    const late = await boot("c");
    await until(() => late.machine.hash() === others[0]!.machine.hash());
    expect(late.machine.restored).toBe(1);
    const hash = late.machine.hash();
    await stop("c");
    const again = await boot("c");
    expect(again.machine.hash()).toBe(hash);
    expect(again.machine.restored).toBe(0);
  }, 60_000);
});
