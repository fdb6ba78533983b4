import { createEntry, type Entry } from "@quorate/replication/driver";
import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ballot, Write } from "../src/index.ts";
import { type LogRecord, LogWalStorage, type RecoveredNode } from "../src/log/index.ts";

const NODE = {
  directory: "/data/n1",
  nodeId: "n1",
  voters: ["n1", "n2", "n3"],
  window: 8,
  bootstrap: true,
};
const LOW: Ballot = { round: 1, node: "n2", incarnation: 5 };
const HIGH: Ballot = { round: 2, node: "n1", incarnation: 9 };

interface Opened {
  readonly storage: LogWalStorage;
  readonly found: RecoveredNode;
  /** What was accepted, as "slot:round:text". */
  readonly accepted: readonly string[];
}

async function opened(disk: MemoryFileSystem, options: object = {}): Promise<Opened> {
  const storage = new LogWalStorage({ ...NODE, ...options }, disk, seededRandom("wal"));
  const found = await storage.load();
  return { storage, found, accepted: shown(found) };
}

function shown({ log }: RecoveredNode): readonly string[] {
  return log
    .accepted(1)
    .map(({ slot, ballot, entry }) => `${slot}:${ballot.round}:${textOf(entry)}`);
}

function textOf({ record }: Entry): string {
  return new TextDecoder().decode(record.subarray(7));
}

function entries(...texts: string[]): Entry[] {
  return texts.map((text) => createEntry(1, "command", new TextEncoder().encode(text)));
}

let sequence = 0;

function write(...records: LogRecord[]): Write<LogRecord> {
  return new Write(++sequence, records);
}

function accepted(ballot: Ballot, first: number, texts: string[], decided = 0): LogRecord {
  return { kind: "accepted", ballot, first, entries: entries(...texts), decided };
}

function promised(ballot: Ballot, decided = 0): LogRecord {
  return { kind: "state", promised: ballot, decided, configurations: [] };
}

async function* chunks(text: string): AsyncIterable<Uint8Array> {
  yield new TextEncoder().encode(text);
}

describe("the log of an acceptor on its disk", () => {
  it("paxos.md 3: what was persisted is there after a crash", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write(promised(LOW), accepted(LOW, 1, ["a", "b"])));
    await storage.persist(write(promised(HIGH)));
    disk.crash();
    const again = await opened(disk);
    expect(again.found.promised).toEqual(HIGH);
    expect(again.accepted).toEqual(["1:1:a", "2:1:b"]);
  });

  it("paxos.md 4: accepting a ballot has promised it", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write(promised(LOW), accepted(HIGH, 1, ["a"])));
    disk.crash();
    expect((await opened(disk)).found.promised).toEqual(HIGH);
  });

  it("what was accepted later takes the place of the earlier, and gaps stay gaps", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write(accepted(LOW, 1, ["a", "b", "c"]), accepted(LOW, 5, ["e"])));
    await storage.persist(write(accepted(HIGH, 2, ["B"])));
    disk.crash();
    expect((await opened(disk)).accepted).toEqual(["1:1:a", "2:2:B", "3:1:c", "5:1:e"]);
  });

  it("paxos.md 1: each start is another life of the same birth", async () => {
    const disk = new MemoryFileSystem();
    const first = (await opened(disk)).found.identity;
    disk.crash();
    const second = (await opened(disk)).found.identity;
    expect(second).toEqual({ ...first, incarnation: first.incarnation + 1 });
  });

  it("paxos.md 8: an emptied disk is another birth, and one that was not begun does not vote", async () => {
    const first = (await opened(new MemoryFileSystem())).found.identity;
    const storage = new LogWalStorage(
      { ...NODE, bootstrap: false },
      new MemoryFileSystem(),
      seededRandom("another"),
    );
    const { identity } = await storage.load();
    expect(first.votes).toBe(true);
    expect(identity.votes).toBe(false);
    expect(identity.birth).not.toBe(first.birth);
  });

  it("paxos.md 9: a torn record is not read as never promised: what was acknowledged is there", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat({ max: 5 }), async (seed, acknowledged) => {
        const disk = new MemoryFileSystem();
        const { storage } = await opened(disk, { segmentBytes: 4_096 });
        const writes: Promise<unknown>[] = [];
        for (let round = 1; round <= 6; round++) {
          const ballot = { ...LOW, round };
          const done = storage.persist(write(promised(ballot), accepted(ballot, 1, [`v${round}`])));
          if (round <= acknowledged) await done;
          else writes.push(done.catch(() => {}));
        }
        disk.crash(seededRandom(seed));
        await Promise.all(writes);
        const { found, accepted: values } = await opened(disk, { segmentBytes: 4_096 });
        expect(found.promised.round).toBeGreaterThanOrEqual(acknowledged);
        if (acknowledged > 0) {
          expect(Number(values[0]!.split(":")[1])).toBeGreaterThanOrEqual(acknowledged);
          expect(values[0]).toMatch(/^1:(\d):v\1$/);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("paxos.md 9: a damaged record before the end is reported, and nothing is changed", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write(accepted(LOW, 1, ["first"])));
    await storage.persist(write(promised(HIGH)));
    await storage.persist(write(accepted(HIGH, 2, ["second"])));
    await storage.close();
    const [segment] = (await disk.list("/data/n1/log")).map((name) => `/data/n1/log/${name}`);
    const file = disk.file(segment!);
    const content = new Uint8Array(file.size);
    file.read(content, 0);
    const at = Buffer.from(content).indexOf("first");
    file.flipBit(at, 0);
    await expect(opened(disk)).rejects.toMatchObject({ code: "damaged" });
    file.flipBit(at, 0);
    expect((await opened(disk)).accepted).toEqual(["1:1:first", "2:2:second"]);
  });

  it("a snapshot takes the place of slots, and of no promise and no later slot", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk, { segmentBytes: 512 });
    await storage.persist(write(promised(HIGH)));
    for (let slot = 1; slot <= 100; slot++) {
      await storage.persist(write(accepted(LOW, slot, [`value ${slot}`], slot - 1)));
    }
    await storage.snapshots.save({ index: 60, term: 1 }, chunks("state"));
    await storage.compact({ index: 50, term: 1 });
    const segments = await disk.list("/data/n1/log");
    disk.crash();
    const { found, accepted: values } = await opened(disk, { segmentBytes: 512 });
    expect(segments.length).toBeLessThan(60);
    expect(found.promised).toEqual(HIGH);
    expect(found.decided).toBe(99);
    expect(values[0]).toBe("61:1:value 61");
    expect(values).toHaveLength(40);
  });

  it("decided slots that are not there are damage: the snapshot that had them is gone", async () => {
    const disk = new MemoryFileSystem();
    const { storage } = await opened(disk);
    await storage.persist(write(accepted(LOW, 10, ["j"], 9)));
    disk.crash();
    await expect(opened(disk)).rejects.toMatchObject({ code: "damaged" });
  });

  it("the directory of another node, other voters or another window is refused by name", async () => {
    const disk = new MemoryFileSystem();
    await opened(disk);
    for (const [options, message] of [
      [{ nodeId: "n2" }, "node n1, not of n2"],
      [{ voters: ["n1", "n4"] }, "n1, n2, n3"],
      [{ window: 9 }, "a window of 8"],
    ] as const) {
      await expect(opened(disk, options)).rejects.toMatchObject({
        code: "wrong-directory",
        message: expect.stringContaining(message),
      });
    }
  });
});
