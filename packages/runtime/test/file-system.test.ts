import { chmod, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type FileSystem, FileSystemError, systemFileSystem } from "../src/index.ts";
import { MemoryFileSystem } from "../src/testing/index.ts";

interface World {
  readonly fileSystem: FileSystem;
  /** An empty folder. */
  readonly folder: string;
}

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function systemWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "quorate-runtime-"));
  cleanUps.push(() => rm(folder, { recursive: true, force: true }));
  return { fileSystem: systemFileSystem, folder };
}

async function memoryWorld(): Promise<World> {
  const fileSystem = new MemoryFileSystem();
  await fileSystem.makeDirectory("/folder");
  return { fileSystem, folder: "/folder" };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe.each([
  ["systemFileSystem", systemWorld],
  ["MemoryFileSystem", memoryWorld],
])("%s", (_, newWorld) => {
  it("writes and reads by position; what lies between reads as zeros", async () => {
    const { fileSystem, folder } = await newWorld();
    const file = await fileSystem.open(`${folder}/a`, { create: "new" });
    await file.write(bytes("end"), 5);
    await file.writeDurably(bytes("be"), 0);
    await file.sync();
    const into = new Uint8Array(20);
    expect(await file.read(into, 0)).toBe(8);
    expect(Buffer.from(into.subarray(0, 8)).toString()).toBe("be\0\0\0end");
    expect(await file.read(into.subarray(0, 2), 6)).toBe(2);
    expect(await file.read(into, 8)).toBe(0);
    expect(await file.read(into, 100)).toBe(0);
    await file.close();
  });

  it("truncate cuts, or extends with zeros, also where there were other bytes before", async () => {
    const { fileSystem, folder } = await newWorld();
    const file = await fileSystem.open(`${folder}/a`, { create: "new" });
    await file.write(bytes("abcdef"), 0);
    await file.truncate(2);
    expect(await file.size()).toBe(2);
    await file.truncate(5);
    const into = new Uint8Array(10).fill(9);
    expect(await file.read(into, 0)).toBe(5);
    expect([...into.subarray(0, 5)]).toEqual([97, 98, 0, 0, 0]);
    await file.close();
  });

  it("writes under way at once all arrive", async () => {
    const { fileSystem, folder } = await newWorld();
    const file = await fileSystem.open(`${folder}/a`, { create: "new" });
    const writes = Array.from({ length: 50 }, (__, at) => {
      const byte = Uint8Array.of(at);
      return at % 2 === 0 ? file.write(byte, at) : file.writeDurably(byte, at);
    });
    await Promise.all(writes);
    const into = new Uint8Array(50);
    await file.read(into, 0);
    expect([...into]).toEqual(Array.from({ length: 50 }, (__, at) => at));
    await file.close();
  });

  it("lists names sorted, without the path, folders too", async () => {
    const { fileSystem, folder } = await newWorld();
    for (const name of ["b", "a", "B"]) {
      await (await fileSystem.open(`${folder}/${name}`, { create: "new" })).close();
    }
    await fileSystem.makeDirectory(`${folder}/c/d`);
    await fileSystem.makeDirectory(`${folder}/c/d`); // exists: left as it is
    expect(await fileSystem.list(folder)).toEqual(["B", "a", "b", "c"]);
    expect(await fileSystem.list(`${folder}/c`)).toEqual(["d"]);
    await fileSystem.syncDirectory(folder);
  });

  it("rename replaces, and an open file stays the same file", async () => {
    const { fileSystem, folder } = await newWorld();
    const file = await fileSystem.open(`${folder}/new`, { create: "new" });
    await (await fileSystem.open(`${folder}/old`, { create: "new" })).close();
    await fileSystem.rename(`${folder}/new`, `${folder}/old`);
    await file.write(bytes("still here"), 0);
    await file.close();
    expect(await fileSystem.list(folder)).toEqual(["old"]);
    const again = await fileSystem.open(`${folder}/old`);
    expect(await again.size()).toBe(10);
    await again.close();
  });

  it("not-found: what does not exist cannot be opened, renamed, removed or listed", async () => {
    const { fileSystem, folder } = await newWorld();
    const missing = `${folder}/missing`;
    for (const call of [
      () => fileSystem.open(missing),
      () => fileSystem.rename(missing, `${folder}/other`),
      () => fileSystem.remove(missing),
      () => fileSystem.list(missing),
      () => fileSystem.open(`${missing}/a`, { create: "new" }),
    ]) {
      const error = await call().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(FileSystemError);
      expect(error).toMatchObject({ code: "not-found" });
      expect((error as FileSystemError).path).toContain(missing);
    }
  });

  it("already-exists: a new file takes no name that is taken", async () => {
    const { fileSystem, folder } = await newWorld();
    const first = await fileSystem.open(`${folder}/a`, { create: "new" });
    const second = fileSystem.open(`${folder}/a`, { create: "new" });
    await expect(second).rejects.toMatchObject({ code: "already-exists", path: `${folder}/a` });
    await first.close();
  });

  it("closed: a closed file does nothing more; closing again has no effect", async () => {
    const { fileSystem, folder } = await newWorld();
    const file = await fileSystem.open(`${folder}/a`, { create: "new" });
    await file.writeDurably(bytes("x"), 0);
    await file.close();
    await file.close();
    for (const call of [
      () => file.read(new Uint8Array(1), 0),
      () => file.write(bytes("y"), 0),
      () => file.writeDurably(bytes("y"), 0),
      () => file.sync(),
      () => file.truncate(0),
      () => file.size(),
    ]) {
      await expect((async () => call())()).rejects.toMatchObject({ code: "closed" });
    }
  });
});

describe("systemFileSystem", () => {
  it("io-error: anything else, with the system's error as its cause", async () => {
    const { folder } = await systemWorld();
    await expect(systemFileSystem.open(folder)).rejects.toMatchObject({
      code: "io-error",
      path: folder,
      cause: { code: "EISDIR" },
    });
  });

  it("no-space: a write beyond the largest file", async () => {
    const { folder } = await systemWorld();
    const file = await systemFileSystem.open(join(folder, "a"), { create: "new" });
    await expect(file.truncate(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: "no-space",
    });
    await file.close();
  });

  it.skipIf(process.platform !== "linux")(
    "no-space: a full disk, of which /dev/full is one (only Linux has it)",
    async () => {
      const { folder } = await systemWorld();
      await symlink("/dev/full", join(folder, "full"));
      const file = await systemFileSystem.open(join(folder, "full"));
      await expect(file.write(bytes("x"), 0)).rejects.toMatchObject({ code: "no-space" });
      await file.close();
    },
  );

  it.skipIf(process.getuid?.() === 0)(
    "not-permitted: a file without the right to it (the superuser has every right)",
    async () => {
      const { folder } = await systemWorld();
      const path = join(folder, "a");
      await (await systemFileSystem.open(path, { create: "new" })).close();
      await chmod(path, 0);
      await expect(systemFileSystem.open(path)).rejects.toMatchObject({ code: "not-permitted" });
    },
  );
});
