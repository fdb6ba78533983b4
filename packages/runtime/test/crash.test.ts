import { describe, expect, it } from "vitest";
import { FileSystemError, seededRandom } from "../src/index.ts";
import { MemoryFileSystem } from "../src/testing/index.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function contentOf(disk: MemoryFileSystem, path: string): Promise<string> {
  const file = await disk.open(path);
  const into = new Uint8Array(await file.size());
  await file.read(into, 0);
  return Buffer.from(into).toString();
}

/** A disk with the durable file /d/a that holds `text`. */
async function diskWith(text: string): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem();
  await disk.makeDirectory("/d");
  const file = await disk.open("/d/a", { create: "new" });
  await file.write(bytes(text), 0);
  await file.sync();
  await disk.syncDirectory("/d");
  return disk;
}

describe("MemoryFileSystem.crash", () => {
  it("without randomness loses what was not synced: writes, truncations, names", async () => {
    const disk = await diskWith("abc");
    const file = await disk.open("/d/a");
    await file.write(bytes("X"), 0);
    await file.truncate(2);
    await disk.open("/d/b", { create: "new" });
    await disk.rename("/d/a", "/d/c");
    disk.crash();
    expect(await disk.list("/d")).toEqual(["a"]);
    expect(await contentOf(disk, "/d/a")).toBe("abc");
  });

  it("keeps what sync, writeDurably and syncDirectory resolved for", async () => {
    for (let seed = 0; seed < 100; seed++) {
      const disk = await diskWith("abcdef");
      const file = await disk.open("/d/a");
      await file.truncate(4);
      await file.sync();
      await file.writeDurably(bytes("X"), 1);
      await disk.rename("/d/a", "/d/b");
      await disk.syncDirectory("/d");
      disk.crash(seededRandom(seed));
      expect(await disk.list("/d")).toEqual(["b"]);
      expect(await contentOf(disk, "/d/b")).toBe("aXcd");
    }
  });

  it("with randomness lets each change survive or vanish, and tears writes by sectors", async () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const disk = await diskWith("a".repeat(1_024));
      const file = await disk.open("/d/a");
      await file.write(bytes("b".repeat(1_024)), 0);
      await disk.open("/d/new", { create: "new" });
      disk.crash(seededRandom(seed));
      const content = await contentOf(disk, "/d/a");
      expect(new Set(content.slice(0, 512)).size).toBe(1);
      expect(new Set(content.slice(512)).size).toBe(1);
      seen.add(`${content[0]}${content[512]} ${(await disk.list("/d")).join()}`);
    }
    const contents = ["aa", "ab", "ba", "bb"];
    expect([...seen].toSorted()).toEqual(
      contents.flatMap((content) => [`${content} a`, `${content} a,new`]),
    );
  });

  it("a durable write is not undone by an earlier one that survives", async () => {
    for (let seed = 0; seed < 100; seed++) {
      const disk = await diskWith("");
      const file = await disk.open("/d/a");
      await file.write(bytes("old old"), 0);
      await file.writeDurably(bytes("NEW"), 2);
      disk.crash(seededRandom(seed));
      expect((await contentOf(disk, "/d/a")).slice(2, 5)).toBe("NEW");
    }
  });

  it("tears a durable write that was under way", async () => {
    const disk = await diskWith("abc");
    const file = await disk.open("/d/a");
    disk.onOperation = ({ operation }) => {
      if (operation === "sync") disk.crash();
    };
    await expect(file.writeDurably(bytes("XYZ"), 0)).rejects.toMatchObject({ code: "closed" });
    expect(await contentOf(disk, "/d/a")).toBe("abc");
  });

  it("closes files that were open; kill does too, and loses nothing", async () => {
    const disk = await diskWith("abc");
    const file = await disk.open("/d/a");
    await file.write(bytes("X"), 0);
    disk.kill();
    await expect(file.size()).rejects.toMatchObject({ code: "closed" });
    expect(await contentOf(disk, "/d/a")).toBe("Xbc");
  });
});

describe("MemoryFileSystem", () => {
  it("an operation whose hook throws fails with that and does nothing", async () => {
    const disk = await diskWith("abc");
    const file = await disk.open("/d/a");
    const broken = new FileSystemError("io-error", "/d/a", "broken");
    disk.onOperation = () => {
      throw broken;
    };
    await expect(file.write(bytes("X"), 0)).rejects.toBe(broken);
    await expect(disk.remove("/d/a")).rejects.toBe(broken);
    disk.onOperation = () => {};
    expect(await contentOf(disk, "/d/a")).toBe("abc");
  });

  it("flipBit damages what is read, also after a crash", async () => {
    const disk = await diskWith("abc");
    disk.file("/d/a").flipBit(1, 0);
    expect(await contentOf(disk, "/d/a")).toBe("acc");
    disk.crash();
    expect(await contentOf(disk, "/d/a")).toBe("acc");
  });
});
