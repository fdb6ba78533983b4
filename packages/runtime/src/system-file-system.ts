import { mkdir, open, readdir, rename, unlink } from "node:fs/promises";
import type { FileSystem } from "./file-system.ts";
import { inSystemTerms } from "./system-error.ts";
import { openSystemFile } from "./system-file.ts";

/** The machine's file system. */
export const systemFileSystem: FileSystem = {
  open: (path, { create = "existing" } = {}) => openSystemFile(path, create),
  rename: (from, to) => inSystemTerms("rename", from, () => rename(from, to)),
  list: (directory) =>
    inSystemTerms("list", directory, async () => (await readdir(directory)).sort()),
  remove: (path) => inSystemTerms("remove", path, () => unlink(path)),
  makeDirectory: (path) =>
    inSystemTerms(
      "make directory",
      path,
      async () => void (await mkdir(path, { recursive: true })),
    ),
  syncDirectory: (path) => inSystemTerms("sync directory", path, () => syncDirectory(path)),
};

async function syncDirectory(path: string): Promise<void> {
  // Windows has no handle on a directory; NTFS journals its names by itself.
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
