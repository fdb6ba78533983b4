import { seededRandom } from "@quorate/runtime";
import { MemoryFileSystem } from "@quorate/runtime/testing";
import { describe, expect, it } from "vitest";
import { SnapshotStore } from "../src/driver/index.ts";

const DIRECTORY = "/data/snapshots";

async function opened(disk: MemoryFileSystem): Promise<SnapshotStore> {
  const snapshots = new SnapshotStore(DIRECTORY, disk);
  await snapshots.load();
  return snapshots;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield encoded(text);
}

describe("a node's snapshots on disk", () => {
  const position = { index: 5, term: 2 };

  async function read(snapshots: SnapshotStore): Promise<string> {
    const found = await snapshots.open();
    let text = "";
    for await (const chunk of found!.file.read()) text += new TextDecoder().decode(chunk);
    await found!.file.close();
    return text;
  }

  it("a snapshot is there after a crash, whole", async () => {
    const disk = new MemoryFileSystem();
    const snapshots = await opened(disk);
    await snapshots.save(position, chunks("one ", "", "two ", "three"));
    disk.crash();
    const found = await opened(disk);
    expect(found.newest).toEqual(position);
    expect(await read(found)).toBe("one two three");
  });

  it("a crash at any point leaves the old snapshot or the new one, and no litter", async () => {
    let isWhole = false;
    for (let crashAt = 1; !isWhole; crashAt++) {
      const disk = new MemoryFileSystem();
      const snapshots = await opened(disk);
      await snapshots.save(position, chunks("old"));
      let operations = 0;
      disk.onOperation = () => {
        if (++operations >= crashAt) throw new Error("power lost");
      };
      isWhole = await snapshots.save({ index: 9, term: 2 }, chunks("new")).then(
        () => true,
        () => false,
      );
      disk.onOperation = () => {};
      disk.crash(seededRandom(crashAt));
      const found = await opened(disk);
      expect(await read(found)).toBe(found.newest!.index === 9 ? "new" : "old");
      if (isWhole) expect(found.newest!.index).toBe(9);
      expect(await disk.list(DIRECTORY)).toHaveLength(1);
    }
  });

  it.each([
    ["an older one that ends", { index: 4, term: 2 }, position],
    ["a newer one that ends", { index: 9, term: 2 }, { index: 9, term: 2 }],
    ["one of the same place that ends", position, position],
  ])("%s while another is saved takes nothing from it", async (_title, during, newest) => {
    const disk = new MemoryFileSystem();
    const snapshots = await opened(disk);
    const interrupted = async function* (): AsyncIterable<Uint8Array> {
      yield encoded("5: first half, ");
      await snapshots.save(during, chunks(`${during.index}: first half, second half`));
      yield encoded("second half");
    };
    await snapshots.save(position, interrupted());
    disk.crash();
    const found = await opened(disk);
    expect(found.newest).toEqual(newest);
    expect(await read(found)).toBe(`${newest.index}: first half, second half`);
    expect(await disk.list(DIRECTORY)).toHaveLength(1);
  });

  it("the newest can be opened at any time, also while another takes its place", async () => {
    const disk = new MemoryFileSystem();
    const snapshots = await opened(disk);
    await snapshots.save({ index: 1, term: 2 }, chunks("1"));
    const saving: Promise<void>[] = [];
    for (let index = 2; index < 50; index++) {
      saving.push(snapshots.save({ index, term: 2 }, chunks(`${index}`)));
      expect(Number(await read(snapshots))).toBeLessThanOrEqual(index);
    }
    await Promise.all(saving);
    expect(await read(snapshots)).toBe("49");
  });

  it("chunks that fail leave nothing behind", async () => {
    const disk = new MemoryFileSystem();
    const snapshots = await opened(disk);
    const broken = async function* (): AsyncIterable<Uint8Array> {
      yield encoded("half");
      throw new Error("the sender is gone");
    };
    await expect(snapshots.save(position, broken())).rejects.toThrow("the sender is gone");
    expect(snapshots.newest).toBeUndefined();
    expect(await disk.list(DIRECTORY)).toEqual([]);
  });

  it("a bit that turned over anywhere is found: no wrong state is taken over", async () => {
    const disk = new MemoryFileSystem();
    const snapshots = await opened(disk);
    await snapshots.save(position, chunks("precious"));
    const path = `${DIRECTORY}/snapshot-5-2`;
    for (let at = 0; at < disk.file(path).size; at++) {
      disk.file(path).flipBit(at, at % 8);
      await expect(read(snapshots)).rejects.toMatchObject({ code: "damaged" });
      disk.file(path).flipBit(at, at % 8);
    }
    expect(await read(snapshots)).toBe("precious");
  });
});
