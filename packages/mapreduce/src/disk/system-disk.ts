import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { FileSystemError, fileSystemError } from "@quorate/runtime";
import type { Disk, DiskReader, DiskWriter } from "./disk.ts";

/** The machine's file system. */
export const systemDisk: Disk = {
  create: (path) => new SystemWriter(path),
  open: (path) => new SystemReader(path),
  rename: (from, to) => attempt("rename", from, () => renameSync(from, to)),
  remove: (path) => attempt("remove", path, () => rmSync(path, { recursive: true, force: true })),
  makeFolder: (path) =>
    attempt("make folder", path, () => void mkdirSync(path, { recursive: true })),
  list: (folder) => attempt("list", folder, () => readdirSync(folder).sort()),
  exists: (path) => existsSync(path),
  isFolder: (path) =>
    attempt(
      "look at",
      path,
      () => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false,
    ),
  syncFolder: (path) => attempt("sync folder", path, () => syncFolder(path)),
};

/** An open file; every call after `close` fails with `closed`. */
class SystemHandle {
  protected readonly path: string;
  #descriptor: number | undefined;

  constructor(path: string, flags: "wx" | "r") {
    this.path = path;
    this.#descriptor = attempt("open", path, () => openSync(path, flags));
  }

  close(): void {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return;
    this.#descriptor = undefined;
    attempt("close", this.path, () => closeSync(descriptor));
  }

  protected call<T>(name: string, run: (descriptor: number) => T): T {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) {
      throw new FileSystemError("closed", this.path, `cannot ${name} ${this.path}: it is closed`);
    }
    return attempt(name, this.path, () => run(descriptor));
  }
}

class SystemWriter extends SystemHandle implements DiskWriter {
  constructor(path: string) {
    super(path, "wx");
  }

  append(bytes: Uint8Array): void {
    this.call("write", (descriptor) => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(descriptor, bytes, done, bytes.length - done);
      }
    });
  }

  sync(): void {
    this.call("sync", fdatasyncSync);
  }
}

class SystemReader extends SystemHandle implements DiskReader {
  readonly size: number;

  constructor(path: string) {
    super(path, "r");
    const stat = this.call("look at", (descriptor) => fstatSync(descriptor));
    this.size = stat.size;
    if (!stat.isDirectory()) return;
    this.close();
    throw new FileSystemError("io-error", path, `cannot open ${path}: it is a folder`);
  }

  read(into: Uint8Array, position: number): number {
    return this.call("read", (descriptor) => {
      let filled = 0;
      while (filled < into.length) {
        const left = into.length - filled;
        const count = readSync(descriptor, into, filled, left, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled;
    });
  }
}

function syncFolder(path: string): void {
  // Windows has no handle on a folder; NTFS journals its names by itself.
  if (process.platform === "win32") return;
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function attempt<T>(name: string, path: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    if (error instanceof FileSystemError) throw error;
    throw fileSystemError(name, path, error);
  }
}
