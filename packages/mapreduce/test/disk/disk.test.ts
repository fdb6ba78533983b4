import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileSystemError } from "@quorate/runtime";
import { afterEach, describe, expect, it } from "vitest";
import type { Disk } from "../../src/disk/disk.ts";
import { systemDisk } from "../../src/disk/system-disk.ts";
import { MemoryDisk } from "../../src/testing/index.ts";

interface World {
  readonly disk: Disk;
  /** An empty folder. */
  readonly folder: string;
}

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function systemWorld(): World {
  const folder = mkdtempSync(join(tmpdir(), "quorate-mapreduce-"));
  cleanUps.push(() => rmSync(folder, { recursive: true, force: true }));
  return { disk: systemDisk, folder };
}

function memoryWorld(): World {
  const disk = new MemoryDisk();
  disk.makeFolder("/folder");
  return { disk, folder: "/folder" };
}

function write(disk: Disk, path: string, text: string): void {
  const file = disk.create(path);
  file.append(Buffer.from(text));
  file.close();
}

function contentOf(disk: Disk, path: string): string {
  const file = disk.open(path);
  const bytes = Buffer.alloc(file.size);
  file.read(bytes, 0);
  file.close();
  return bytes.toString();
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FileSystemError);
    return (error as FileSystemError).code;
  }
  return "nothing thrown";
}

describe.each([
  ["systemDisk", systemWorld],
  ["MemoryDisk", memoryWorld],
])("%s", (_, newWorld) => {
  it("appends, and reads by position; fewer bytes than asked only at the end", () => {
    const { disk, folder } = newWorld();
    const file = disk.create(`${folder}/a`);
    const part = Buffer.from("abc");
    file.append(part);
    part.fill("x");
    file.append(Buffer.from("defg"));
    file.sync();
    file.close();
    const reader = disk.open(`${folder}/a`);
    expect(reader.size).toBe(7);
    const into = Buffer.alloc(4);
    expect(reader.read(into, 1)).toBe(4);
    expect(into.toString()).toBe("bcde");
    expect(reader.read(into, 5)).toBe(2);
    expect(into.subarray(0, 2).toString()).toBe("fg");
    expect(reader.read(into, 7)).toBe(0);
    reader.close();
  });

  it("create refuses a name that is taken, and a folder that is not there", () => {
    const { disk, folder } = newWorld();
    write(disk, `${folder}/a`, "old");
    expect(codeOf(() => disk.create(`${folder}/a`))).toBe("already-exists");
    expect(contentOf(disk, `${folder}/a`)).toBe("old");
    expect(codeOf(() => disk.create(`${folder}/none/a`))).toBe("not-found");
  });

  it("open refuses what is not there, and folders", () => {
    const { disk, folder } = newWorld();
    expect(codeOf(() => disk.open(`${folder}/none`))).toBe("not-found");
    expect(codeOf(() => disk.open(folder))).toBe("io-error");
  });

  it("rename moves a file, over another one too, or a folder with all in it", () => {
    const { disk, folder } = newWorld();
    disk.makeFolder(`${folder}/from/deep`);
    write(disk, `${folder}/from/deep/a`, "a");
    write(disk, `${folder}/from/b`, "b");
    disk.rename(`${folder}/from`, `${folder}/to`);
    expect(disk.exists(`${folder}/from`)).toBe(false);
    disk.rename(`${folder}/to/b`, `${folder}/to/deep/a`);
    expect(disk.list(`${folder}/to`)).toEqual(["deep"]);
    expect(contentOf(disk, `${folder}/to/deep/a`)).toBe("b");
    expect(codeOf(() => disk.rename(`${folder}/none`, `${folder}/x`))).toBe("not-found");
  });

  it("rename never mixes two folders", () => {
    const { disk, folder } = newWorld();
    disk.makeFolder(`${folder}/one`);
    disk.makeFolder(`${folder}/two`);
    write(disk, `${folder}/two/kept`, "kept");
    expect(codeOf(() => disk.rename(`${folder}/one`, `${folder}/two`))).toBe("io-error");
    expect(disk.list(folder)).toEqual(["one", "two"]);
    expect(disk.list(`${folder}/two`)).toEqual(["kept"]);
  });

  it("remove takes files, and folders with all in them; nothing there is no error", () => {
    const { disk, folder } = newWorld();
    disk.makeFolder(`${folder}/a/b`);
    write(disk, `${folder}/a/b/c`, "c");
    disk.remove(`${folder}/a`);
    disk.remove(`${folder}/a`);
    expect(disk.list(folder)).toEqual([]);
  });

  it("makeFolder makes those above, and leaves what is there", () => {
    const { disk, folder } = newWorld();
    disk.makeFolder(`${folder}/a/b`);
    write(disk, `${folder}/a/b/c`, "c");
    disk.makeFolder(`${folder}/a/b`);
    expect(contentOf(disk, `${folder}/a/b/c`)).toBe("c");
    expect(codeOf(() => disk.makeFolder(`${folder}/a/b/c`))).toBe("already-exists");
  });

  it("lists sorted names; tells files from folders and from nothing", () => {
    const { disk, folder } = newWorld();
    disk.makeFolder(`${folder}/b`);
    for (const name of ["c", "B", "a"]) write(disk, `${folder}/${name}`, "");
    disk.syncFolder(folder);
    expect(disk.list(folder)).toEqual(["B", "a", "b", "c"]);
    expect(["a", "b", "none"].map((name) => disk.isFolder(`${folder}/${name}`))).toEqual([
      false,
      true,
      false,
    ]);
    expect(["a", "b", "none"].map((name) => disk.exists(`${folder}/${name}`))).toEqual([
      true,
      true,
      false,
    ]);
    expect(codeOf(() => disk.list(`${folder}/none`))).toBe("not-found");
  });

  it("what is closed stays closed, and may be closed again", () => {
    const { disk, folder } = newWorld();
    const writer = disk.create(`${folder}/a`);
    writer.close();
    writer.close();
    expect(codeOf(() => writer.append(Buffer.from("late")))).toBe("closed");
    expect(codeOf(() => writer.sync())).toBe("closed");
    const reader = disk.open(`${folder}/a`);
    reader.close();
    reader.close();
    expect(codeOf(() => reader.read(new Uint8Array(1), 0))).toBe("closed");
  });
});
