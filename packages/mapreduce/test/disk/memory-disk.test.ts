import { type Random, seededRandom } from "@quorate/runtime";
import { describe, expect, it } from "vitest";
import { MemoryDisk } from "../../src/testing/index.ts";

const bytes = (text: string): Uint8Array => Buffer.from(text);

function contentOf(disk: MemoryDisk, path: string): string {
  const into = Buffer.alloc(100);
  return into.toString("utf8", 0, disk.open(path).read(into, 0));
}

/** A file of five bytes of which three are durable, in a folder whose name is. */
function diskWithFile(): MemoryDisk {
  const disk = new MemoryDisk();
  disk.makeFolder("/a");
  disk.syncFolder("/");
  const file = disk.create("/a/file");
  file.append(bytes("abc"));
  file.sync();
  file.append(bytes("de"));
  return disk;
}

describe("MemoryDisk", () => {
  it("a crash takes the bytes that were not synced", () => {
    const disk = diskWithFile();
    disk.syncFolder("/a");
    disk.crash();
    expect(contentOf(disk, "/a/file")).toBe("abc");
    expect(disk.usedBytes).toBe(3);
  });

  it("a crash takes names whose folder was not synced, with synced bytes and all", () => {
    const disk = diskWithFile();
    disk.crash();
    expect(disk.list("/a")).toEqual([]);
    const other = new MemoryDisk();
    other.makeFolder("/a/b");
    other.syncFolder("/a");
    other.crash();
    expect(other.exists("/a")).toBe(false);
  });

  it("a crash undoes renames and removals that were not made durable", () => {
    const disk = diskWithFile();
    disk.syncFolder("/a");
    disk.rename("/a/file", "/a/other");
    disk.crash();
    expect(disk.list("/a")).toEqual(["file"]);
    disk.remove("/a/file");
    disk.crash();
    expect(disk.list("/a")).toEqual(["file"]);
    disk.rename("/a/file", "/a/other");
    disk.syncFolder("/a");
    disk.crash();
    expect(disk.list("/a")).toEqual(["other"]);
  });

  it("by draws, a crash leaves any of a folder's changes, and the first few of a file's bytes", () => {
    const seen = new Set<string>();
    const random: Random = seededRandom("survival");
    for (let run = 0; run < 200; run += 1) {
      const disk = diskWithFile();
      disk.create("/a/later").append(bytes("x"));
      disk.rename("/a/file", "/a/renamed");
      disk.crash(random);
      const names = disk.list("/a");
      seen.add(names.map((name) => `${name}=${contentOf(disk, `/a/${name}`).length}`).join(" "));
    }
    const sizes = [3, 4, 5];
    expect([...seen].sort()).toEqual(
      [
        "",
        "later=0",
        "later=1",
        ...sizes.map((size) => `file=${size}`),
        ...sizes.map((size) => `renamed=${size}`),
        ...sizes.flatMap((size) => [`file=${size} later=0`, `file=${size} later=1`]),
        ...sizes.flatMap((size) => [`later=0 renamed=${size}`, `later=1 renamed=${size}`]),
      ].sort(),
    );
  });

  it("after a crash, what was renamed to another folder is in one of them", () => {
    const seen = new Set<string>();
    const random = seededRandom("renamed");
    for (let run = 0; run < 50; run += 1) {
      const disk = diskWithFile();
      disk.syncFolder("/a");
      disk.makeFolder("/b");
      disk.syncFolder("/");
      disk.rename("/a/file", "/b/file");
      if (run % 2 === 0) disk.syncFolder("/a");
      disk.crash(random);
      seen.add(`${run % 2} ${disk.list("/a").length} ${disk.list("/b").length}`);
    }
    expect([...seen].sort()).toEqual(["0 0 1", "1 0 1", "1 1 0"]);
  });

  it("a crash closes what was open", () => {
    const disk = diskWithFile();
    const file = disk.create("/a/open");
    disk.crash("all");
    expect(() => file.append(bytes("x"))).toThrow("closed");
    expect(contentOf(disk, "/a/file")).toBe("abcde");
  });

  it("a full disk writes what fits; removing and replacing makes room", () => {
    const disk = new MemoryDisk({ capacityBytes: 5 });
    const file = disk.create("/a");
    file.append(bytes("abc"));
    expect(() => file.append(bytes("def"))).toThrow(expect.objectContaining({ code: "no-space" }));
    expect(contentOf(disk, "/a")).toBe("abcde");
    disk.create("/b");
    disk.rename("/b", "/a");
    expect(disk.usedBytes).toBe(0);
    disk.create("/c").append(bytes("12345"));
    disk.remove("/c");
    expect(disk.usedBytes).toBe(0);
  });

  it("after a failed sync, what was not durable is lost, though a later sync succeeds", () => {
    const disk = diskWithFile();
    disk.syncFolder("/a");
    const file = disk.create("/a/b");
    disk.syncFolder("/a");
    file.append(bytes("lost"));
    disk.fail(({ kind, path }) => kind === "sync" && path === "/a/b");
    expect(() => file.sync()).toThrow(expect.objectContaining({ code: "io-error" }));
    file.sync();
    disk.crash("all");
    expect(contentOf(disk, "/a/b")).toBe("");
  });

  it("from the operation that it stops at, nothing is done until the crash", () => {
    const disk = diskWithFile();
    disk.syncFolder("/a");
    disk.stopAt(disk.operations + 2);
    disk.create("/a/one");
    expect(() => disk.create("/a/two")).toThrow("io-error");
    expect(() => disk.remove("/a/file")).toThrow("io-error");
    disk.crash("all");
    expect(disk.list("/a")).toEqual(["file", "one"]);
  });
});
