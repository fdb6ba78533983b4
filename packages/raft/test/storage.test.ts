import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { createEntry, type Entry, type LogPosition, WalStorage, Write } from "../src/index.ts";
import { bytes, textOf } from "./core-cluster.ts";

const NODE = { directory: "/data/n1", nodeId: "n1", voters: ["n1", "n2", "n3"] };

let sequence = 0;

function write(fields: Partial<Omit<Write, "persisted" | "sequence">>): Write {
  const nothing = { hardState: undefined, firstIndex: 1, entries: [], resetTo: undefined };
  return new Write({ ...nothing, ...fields, sequence: ++sequence });
}

function entries(term: number, ...texts: string[]): Entry[] {
  return texts.map((text) => createEntry(term, "command", bytes(text)));
}

async function opened(disk: MemoryFileSystem, node = NODE) {
  const storage = new WalStorage(node, disk);
  const recovered = await storage.load();
  const log = recovered.log.slice(1).map((entry) => `${entry.term}:${textOf(entry)}`);
  return { storage, ...recovered, log, base: recovered.log.base };
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield bytes(text);
}

async function saveAndCompact(storage: WalStorage, position: LogPosition): Promise<void> {
  await storage.snapshots.save(position, chunks("state"));
  await storage.compact(position);
}

describe("WalStorage", () => {
  it("an empty directory is a node in term 0 that has voted for nobody", async () => {
    const { hardState, snapshot, log } = await opened(new MemoryFileSystem());
    expect(hardState).toMatchObject({ term: 0, votedFor: undefined });
    expect(snapshot).toEqual({ index: 0, term: 0 });
    expect(log).toEqual([]);
  });

  it("raft.md 1: what was persisted is there after a crash, term and vote with it", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    const hardState = { term: 7, votedFor: "n2" };
    const done = write({ hardState, entries: entries(7, "a", "b") });
    const proof = await storage.persist(done);
    expect(proof.sequence).toBe(done.sequence);
    disk.crash();
    const found = await opened(disk);
    expect(found.hardState).toMatchObject(hardState);
    expect(found.log).toEqual(["7:a", "7:b"]);
  });

  it("writes that do not wait for each other take effect in their order", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    const order: string[] = [];
    const writes = [
      write({ entries: entries(1, "a", "b", "c") }),
      write({ hardState: { term: 2, votedFor: undefined } }),
      write({ firstIndex: 2, entries: entries(2, "B") }),
      write({ firstIndex: 3, entries: entries(2, "C") }),
    ];
    await Promise.all(
      writes.map((next, at) => storage.persist(next).then(() => order.push(`${at}`))),
    );
    expect(order).toEqual(["0", "1", "2", "3"]);
    disk.crash();
    expect((await opened(disk)).log).toEqual(["1:a", "2:B", "2:C"]);
  });

  it("a proof covers all writes before it: a hard state waits for entries that were issued earlier", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    let release = (): void => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    disk.onOperation = ({ operation, path }) =>
      operation === "writeDurably" && path.includes("/log/") ? held : undefined;
    const order: string[] = [];
    const first = storage.persist(write({ entries: entries(1, "a") }));
    const second = storage.persist(write({ hardState: { term: 2, votedFor: undefined } }));
    const done = [
      first.then(() => order.push("entries")),
      second.then(() => order.push("hard state")),
    ];
    // Far longer than the hard state needs by itself.
    for (let turn = 0; turn < 1_000; turn++) await Promise.resolve();
    expect(order).toEqual([]);
    release();
    await Promise.all(done);
    expect(order).toEqual(["entries", "hard state"]);
  });

  it("entries are never durable before the term that they came with", async () => {
    for (let crashAt = 1; crashAt < 12; crashAt++) {
      const disk = new MemoryFileSystem();
      const { storage } = await opened(disk);
      let operations = 0;
      disk.onOperation = () => {
        if (++operations >= crashAt) throw new Error("power lost");
      };
      const hardState = { term: 9, votedFor: undefined };
      await storage.persist(write({ hardState, entries: entries(9, "a") })).catch(() => {});
      disk.onOperation = () => {};
      disk.crash(seededRandom(crashAt));
      const found = await opened(disk);
      if (found.log.length > 0) expect(found.hardState.term).toBe(9);
    }
  });

  it("raft.md 2: a write that failed is final; no later one is taken", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    disk.onOperation = ({ operation }) => {
      if (operation === "writeDurably" || operation === "sync") throw new Error("EIO");
    };
    const failed = { code: "failed" };
    await expect(storage.persist(write({ entries: entries(1, "a") }))).rejects.toMatchObject(
      failed,
    );
    disk.onOperation = () => {};
    await expect(storage.persist(write({ entries: entries(1, "a") }))).rejects.toMatchObject(
      failed,
    );
  });

  it("a compacted log keeps its base's term, and what is behind it", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write({ entries: entries(3, "a", "b", "c", "d") }));
    await saveAndCompact(storage, { index: 2, term: 3 });
    disk.crash();
    const found = await opened(disk);
    expect(found).toMatchObject({ base: { index: 2, term: 3 }, snapshot: { index: 2, term: 3 } });
    expect(found.log).toEqual(["3:c", "3:d"]);
  });

  it("raft.md 20: a snapshot that the log does not reach, after a crash between the two, empties the log", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write({ entries: entries(1, "a", "b") }));
    await storage.snapshots.save({ index: 10, term: 4 }, chunks("from", "the leader"));
    disk.crash(); // before the log was emptied for it
    const found = await opened(disk);
    expect(found).toMatchObject({ base: { index: 10, term: 4 }, log: [] });
    await found.storage.persist(write({ firstIndex: 11, entries: entries(4, "k") }));
    disk.crash();
    expect((await opened(disk)).log).toEqual(["4:k"]);
  });

  it("§7: a snapshot that a crash left beside a longer log that has its last entry empties nothing", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write({ entries: entries(1, "a", "b", "c") }));
    await storage.snapshots.save({ index: 2, term: 1 }, chunks("state"));
    disk.crash();
    const found = await opened(disk);
    expect(found.snapshot).toEqual({ index: 2, term: 1 });
    expect(found.log).toEqual(["1:b", "1:c"]);
  });

  it("resetTo replaces the log", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write({ entries: entries(1, "a", "b") }));
    const resetTo = { index: 8, term: 2 };
    await storage.snapshots.save(resetTo, chunks("state"));
    await storage.persist(write({ resetTo, firstIndex: 9, entries: entries(2, "i") }));
    disk.crash();
    expect(await opened(disk)).toMatchObject({ base: resetTo, log: ["2:i"] });
  });

  it("a thousand elections leave a small log of hard states, and the last counts", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    for (let term = 1; term <= 1_000; term++) {
      await storage.persist(write({ hardState: { term, votedFor: "n3" } }));
    }
    disk.crash();
    expect((await opened(disk)).hardState).toMatchObject({ term: 1_000, votedFor: "n3" });
  });

  it("the directory of another node, or of other voters, is refused by name", async () => {
    const disk = new MemoryFileSystem();
    await opened(disk);
    await expect(opened(disk, { ...NODE, nodeId: "n2" })).rejects.toMatchObject({
      code: "wrong-directory",
      message: expect.stringContaining("node n1, not of n2"),
    });
    await expect(opened(disk, { ...NODE, voters: ["n1", "n4", "n5"] })).rejects.toMatchObject({
      code: "wrong-directory",
      message: expect.stringContaining("n1, n2, n3"),
    });
  });

  it("raft.md 23: a damaged record before the end is reported, and nothing is cut away", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    for (const [at, text] of ["first", "second", "third"].entries()) {
      await storage.persist(write({ entries: entries(1, text), firstIndex: at + 1 }));
    }
    await storage.close();
    const [segment] = (await disk.list("/data/n1/log")).map((name) => `/data/n1/log/${name}`);
    const file = disk.file(segment!);
    const content = new Uint8Array(file.size);
    file.read(content, 0);
    const at = Buffer.from(content).indexOf("first");
    file.flipBit(at, 0);
    await expect(opened(disk)).rejects.toMatchObject({ code: "damaged" });
    file.flipBit(at, 0);
    expect((await opened(disk)).log).toEqual(["1:first", "1:second", "1:third"]);
  });
});
