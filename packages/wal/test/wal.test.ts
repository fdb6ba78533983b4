import { FileSystemError } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { openWal, type Wal, WalError } from "../src/index.ts";
import { contentOf, open, recordsOf, segment } from "./disk.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Every operation on a disk, in order, by name. */
function recorded(disk: MemoryFileSystem): string[] {
  const operations: string[] = [];
  disk.onOperation = ({ operation }) => void operations.push(operation);
  return operations;
}

async function newLog(): Promise<{ disk: MemoryFileSystem; wal: Wal }> {
  const disk = new MemoryFileSystem();
  return { disk, wal: await open(disk) };
}

describe("append", () => {
  it("resolves to the index of the batch's last record, in the order of the calls", async () => {
    const { wal } = await newLog();
    const resolved: number[] = [];
    const calls = [["a"], ["b", "c"], [], ["d"]].map(async (batch) => {
      resolved.push(await wal.append(batch.map(bytes)));
    });
    expect([wal.firstIndex, wal.lastIndex, wal.durableIndex]).toEqual([1, 4, 0]);
    await Promise.all(calls);
    expect(resolved).toEqual([1, 3, 3, 4]);
    expect([wal.firstIndex, wal.lastIndex, wal.durableIndex]).toEqual([1, 4, 4]);
  });

  it("group commit: what is called while a write is under way shares the next one", async () => {
    const { disk, wal } = await newLog();
    const operations = recorded(disk);
    const first = wal.append([bytes("alone")]);
    await Promise.resolve();
    const others = Array.from({ length: 1_000 }, (_, index) => wal.append([bytes(`${index}`)]));
    await Promise.all([first, ...others]);
    const writes = operations.filter((name) => name === "writeDurably" || name === "open");
    // The segments are of 1 KiB, and one write goes to one segment.
    expect(writes.length).toBeLessThan(1_000 / 10);
    expect(await recordsOf(wal)).toHaveLength(1_001);
  });

  it("copies: what the caller does with the bytes afterwards does not matter", async () => {
    const { wal } = await newLog();
    const mine = bytes("before");
    const appended = wal.append([mine]);
    mine.fill(0);
    await appended;
    expect(await recordsOf(wal)).toEqual(["before"]);
  });

  it("keeps records of every length, the empty one too", async () => {
    const { disk, wal } = await newLog();
    const records = Array.from({ length: 70 }, (_, length) => "x".repeat(length));
    await wal.append(records.map(bytes));
    await wal.close();
    expect(await recordsOf(await open(disk))).toEqual(records);
  });

  it("takes a record larger than a segment", async () => {
    const { disk, wal } = await newLog();
    const records = ["small", "x".repeat(5_000), "small too"];
    for (const record of records) await wal.append([bytes(record)]);
    await wal.close();
    expect(await recordsOf(await open(disk))).toEqual(records);
  });

  it("rejects with too-large and overloaded, and then appends nothing of the call", async () => {
    const disk = new MemoryFileSystem();
    const wal = await open(disk, { maxRecordBytes: 100, maxQueuedBytes: 400 });
    const large = wal.append([bytes("ok"), new Uint8Array(101)]);
    await expect(large).rejects.toMatchObject({ code: "too-large" });
    const much = wal.append(Array.from({ length: 5 }, () => new Uint8Array(100)));
    await expect(much).rejects.toMatchObject({ code: "too-large" });
    const waiting = [1, 2, 3].map(() => wal.append([new Uint8Array(100)]));
    await expect(wal.append([bytes("one more")])).resolves.toBe(4);
    const more = [1, 2, 3].map(() => wal.append([new Uint8Array(100)]));
    const tooMany = wal.append([new Uint8Array(100)]);
    await expect(tooMany).rejects.toMatchObject({ code: "overloaded" });
    await Promise.all([...waiting, ...more]);
    expect(wal.lastIndex).toBe(7);
  });

  it("rejects what is not bytes", async () => {
    const { wal } = await newLog();
    const text = ["text"] as unknown as Uint8Array[];
    await expect(wal.append(text)).rejects.toMatchObject({ code: "invalid-option" });
  });
});

describe("truncating, dropping, resetting", () => {
  it("without awaiting, calls take effect in their order", async () => {
    const { disk, wal } = await newLog();
    const calls = [
      wal.append(["1", "2", "3", "4"].map(bytes)),
      wal.truncateAfter(2),
      wal.append([bytes("three")]),
      wal.dropBefore(2),
      wal.append([bytes("four")]),
    ];
    expect([wal.firstIndex, wal.lastIndex, wal.durableIndex]).toEqual([2, 4, 0]);
    await Promise.all(calls);
    expect(await recordsOf(wal)).toEqual(["2", "three", "four"]);
    await wal.close();
    const again = await open(disk);
    expect([again.firstIndex, again.lastIndex]).toEqual([2, 4]);
    expect(await recordsOf(again)).toEqual(["2", "three", "four"]);
  });

  it("durableIndex counts no record that was truncated while it was being written", async () => {
    const { wal } = await newLog();
    const old = wal.append(["1", "2", "3"].map(bytes));
    await Promise.resolve();
    const cut = wal.truncateAfter(1);
    const replaced = wal.append(["two", "three"].map(bytes));
    await old;
    expect([wal.lastIndex, wal.durableIndex]).toEqual([3, 1]);
    await Promise.all([cut, replaced]);
    expect(wal.durableIndex).toBe(3);
  });

  it("a truncation and the appends after it cost one write", async () => {
    const { disk, wal } = await newLog();
    await wal.append(["1", "2", "3"].map(bytes));
    const operations = recorded(disk);
    await Promise.all([wal.truncateAfter(1), wal.append([bytes("two")])]);
    expect(operations).toEqual(["writeDurably", "sync"]);
  });

  it("dropBefore removes the segments that hold nothing else; firstIndex is exact", async () => {
    const { disk, wal } = await newLog();
    for (let index = 1; index <= 10; index++) await wal.append([new Uint8Array(400)]);
    const before = (await disk.list("/log")).length;
    await wal.dropBefore(6);
    expect(wal.firstIndex).toBe(6);
    const left = await disk.list("/log");
    expect(left.length).toBeLessThan(before);
    expect(left).not.toContain(segment(1));
    await wal.dropBefore(2); // already dropped
    disk.crash();
    const again = await open(disk);
    expect([again.firstIndex, again.lastIndex]).toEqual([6, 10]);
  });

  it("reset leaves an empty log that goes on at any index, also a smaller one", async () => {
    const { disk, wal } = await newLog();
    await wal.append(["1", "2", "3"].map(bytes));
    await wal.reset(100);
    expect([wal.firstIndex, wal.lastIndex, wal.durableIndex]).toEqual([100, 99, 99]);
    expect(await wal.append([bytes("hundred")])).toBe(100);
    await wal.reset(2);
    disk.crash();
    const again = await open(disk);
    expect([again.firstIndex, again.lastIndex]).toEqual([2, 1]);
    expect(await again.append([bytes("two")])).toBe(2);
  });

  it("an index that is not in the log is out of range, and nothing changes", async () => {
    const { wal } = await newLog();
    await wal.append(["1", "2", "3"].map(bytes));
    await wal.dropBefore(2);
    for (const index of [0, 4, 1.5, Number.NaN]) {
      await expect(wal.truncateAfter(index)).rejects.toMatchObject({ code: "out-of-range" });
    }
    await expect(wal.dropBefore(5)).rejects.toMatchObject({ code: "out-of-range" });
    await expect(wal.reset(-1)).rejects.toMatchObject({ code: "invalid-option" });
    for (const from of [1, 5]) expect(() => wal.read(from)).toThrow(/not in 2 to 4/);
    expect(await recordsOf(wal)).toEqual(["2", "3"]);
  });
});

async function indices(wal: Wal, from: number, maxBytes?: number): Promise<number[]> {
  const found: number[] = [];
  const options = maxBytes === undefined ? {} : { maxBytes };
  for await (const { index } of wal.read(from, options)) found.push(index);
  return found;
}

describe("read", () => {
  it("begins anywhere and ends before maxBytes is passed, but after one record at least", async () => {
    const { wal } = await newLog();
    await wal.append(Array.from({ length: 6 }, () => new Uint8Array(300)));
    await wal.append(Array.from({ length: 6 }, () => new Uint8Array(300)));
    expect(await indices(wal, 4)).toEqual([4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(await indices(wal, 5, 900)).toEqual([5, 6, 7]);
    expect(await indices(wal, 5, 10)).toEqual([5]);
    expect(await indices(wal, 13)).toEqual([]);
  });

  it("finds its place among many batches of one segment", async () => {
    const wal = await open(new MemoryFileSystem(), { segmentBytes: 2 ** 25 });
    for (let batch = 0; batch < 100; batch++) await wal.append([new Uint8Array(100_000)]);
    expect(await indices(wal, 77, 300_000)).toEqual([77, 78, 79]);
  });

  it("sees the log as it was at the call", async () => {
    const { wal } = await newLog();
    await wal.append(["1", "2", "3"].map(bytes));
    const reading = wal.read(1);
    await wal.truncateAfter(1);
    await wal.append([bytes("two")]);
    const seen: string[] = [];
    for await (const { record } of reading) seen.push(Buffer.from(record).toString());
    expect(seen).toEqual(["1", "2", "3"]);
    expect(await recordsOf(wal)).toEqual(["1", "two"]);
  });

  it("does not show what is not durable yet", async () => {
    const { wal } = await newLog();
    await wal.append([bytes("1")]);
    const appended = wal.append([bytes("2")]);
    expect(await recordsOf(wal)).toEqual(["1"]);
    await appended;
  });

  it("is out of range when its segment is dropped before it gets there", async () => {
    const { wal } = await newLog();
    for (let index = 1; index <= 10; index++) await wal.append([new Uint8Array(400)]);
    const reading = wal.read(1);
    await wal.dropBefore(9);
    const all = async (): Promise<void> => {
      for await (const { index } of reading) expect(index).toBeLessThan(9);
    };
    await expect(all()).rejects.toMatchObject({ code: "out-of-range" });
  });

  it("a disk that cannot read makes it unreadable; writing goes on", async () => {
    const { disk, wal } = await newLog();
    await wal.append([bytes("1")]);
    disk.onOperation = ({ operation, path }) => {
      if (operation === "read") throw new FileSystemError("io-error", path, "bad sector");
    };
    await expect(recordsOf(wal)).rejects.toMatchObject({ code: "unreadable" });
    await expect(wal.append([bytes("2")])).resolves.toBe(2);
  });
});

describe("raft 2: a failed write or sync is final", () => {
  const failing = ["writeDurably", "sync", "open", "rename", "syncDirectory", "truncate"] as const;

  it.each(failing)("%s", async (operation) => {
    const { disk, wal } = await newLog();
    await wal.append([bytes("durable")]);
    const cause = new FileSystemError("io-error", "/log", "the disk is broken");
    let operations = 0;
    disk.onOperation = (attempt) => {
      if (attempt.operation === operation) throw cause;
    };
    // The second does not fit into the segment, so that a new one is made too.
    const calls = [
      wal.append([bytes("x")]),
      wal.append([new Uint8Array(2_000)]),
      wal.truncateAfter(1),
    ];
    const outcomes = await Promise.allSettled(calls);
    const rejected = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(rejected.length).toBeGreaterThanOrEqual(2);
    for (const { reason } of rejected) expect(reason).toMatchObject({ code: "failed", cause });

    disk.onOperation = () => void operations++;
    for (const call of [
      wal.append([bytes("y")]),
      wal.truncateAfter(0),
      wal.dropBefore(1),
      wal.reset(5),
    ]) {
      await expect(call).rejects.toMatchObject({ code: "failed", cause });
    }
    expect(() => wal.read(1)).toThrow(WalError);
    await wal.close();
    expect(operations).toBe(0);
    disk.crash();
    expect((await recordsOf(await open(disk)))[0]).toBe("durable");
  });

  it("remove, when segments are dropped", async () => {
    const { disk, wal } = await newLog();
    for (let index = 1; index <= 10; index++) await wal.append([new Uint8Array(400)]);
    disk.onOperation = ({ operation, path }) => {
      if (operation === "remove") throw new FileSystemError("io-error", path, "broken");
    };
    await expect(wal.dropBefore(9)).rejects.toMatchObject({ code: "failed" });
    await expect(wal.append([bytes("y")])).rejects.toMatchObject({ code: "failed" });
  });

  it("while opening", async () => {
    const disk = new MemoryFileSystem();
    disk.onOperation = ({ operation, path }) => {
      if (operation === "makeDirectory") throw new FileSystemError("not-permitted", path, "no");
    };
    await expect(open(disk)).rejects.toMatchObject({
      code: "failed",
      cause: { code: "not-permitted" },
    });
  });
});

describe("opening and closing", () => {
  it("close waits for what was appended; later calls reject with closed", async () => {
    const { disk, wal } = await newLog();
    const appended = wal.append([bytes("1")]);
    const closing = wal.close();
    await expect(wal.append([bytes("2")])).rejects.toMatchObject({ code: "closed" });
    expect(() => wal.read(1)).toThrow(/closed/);
    await closing;
    await wal.close();
    await expect(appended).resolves.toBe(1);
    disk.crash();
    expect(await recordsOf(await open(disk))).toEqual(["1"]);
  });

  it("opening what was closed cleanly writes its last batch again, and nothing else", async () => {
    const { disk, wal } = await newLog();
    await wal.append([bytes("1")]);
    await wal.close();
    const before = await contentOf(disk);
    const operations = recorded(disk);
    const again = await open(disk);
    expect(operations.filter((operation) => operation === "writeDurably")).toHaveLength(1);
    expect(operations).not.toContain("truncate");
    expect(await contentOf(disk)).toEqual(before);
    expect(again.recovery).toMatchObject({ segments: 1, cutBytes: 0, cutAt: undefined });
  });

  it("a new log begins at firstIndex; one that exists keeps its own", async () => {
    const disk = new MemoryFileSystem();
    const wal = await open(disk, { firstIndex: 0 });
    expect([wal.firstIndex, wal.lastIndex]).toEqual([0, -1]);
    expect(await wal.append([bytes("zero")])).toBe(0);
    await wal.close();
    expect((await open(disk, { firstIndex: 7 })).firstIndex).toBe(0);
  });

  it("a large index survives, up to the largest safe integer", async () => {
    const disk = new MemoryFileSystem();
    const firstIndex = Number.MAX_SAFE_INTEGER - 3;
    const wal = await open(disk, { firstIndex });
    await wal.append([bytes("a"), bytes("b")]);
    await wal.close();
    const again = await open(disk);
    expect([again.firstIndex, again.lastIndex]).toEqual([firstIndex, firstIndex + 1]);
  });

  it.each([
    { directory: "" },
    { segmentBytes: 100 },
    { segmentBytes: 2 ** 31 },
    { maxRecordBytes: 0 },
    { maxRecordBytes: 2 ** 26 + 1 },
    { maxQueuedBytes: 1_000 },
    { firstIndex: -1 },
  ])("refuses the options %j", async (options) => {
    const opening = openWal(
      { directory: "/log", ...options },
      { fileSystem: new MemoryFileSystem() },
    );
    await expect(opening).rejects.toMatchObject({ code: "invalid-option" });
  });
});
