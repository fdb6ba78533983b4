import { FileSystemError, type FileSystemErrorCode } from "@quorate/runtime";
import type { Disk, DiskReader, DiskWriter } from "../disk/disk.ts";
import { MemoryFile, MemoryFolder, type MemoryNode, sizeOf, type Survival } from "./memory-tree.ts";

export interface MemoryDiskOptions {
  /**
   * Bytes that its files may have together; one more fails with `no-space`.
   *
   * @default Infinity
   */
  readonly capacityBytes?: number;
}

/** One call that changes the disk or reads from it, as faults are told it. */
export interface DiskOperation {
  /** From 1, counted over the disk's life. */
  readonly number: number;
  readonly kind: DiskOperationKind;
  /** Of a rename, where it leads to. */
  readonly path: string;
}

export type DiskOperationKind =
  | "create"
  | "open"
  | "append"
  | "sync"
  | "read"
  | "rename"
  | "remove"
  | "makeFolder"
  | "list"
  | "syncFolder";

interface Fault {
  readonly matches: (operation: DiskOperation) => boolean;
  readonly code: FileSystemErrorCode;
  timesLeft: number;
}

/**
 * A disk in memory for tests and simulations, with the faults that disks have. What a crash takes:
 * bytes that were not synced and names whose folder was not. It is as strict as
 * POSIX lets a disk be, but that a rename from one folder to another is done as a whole or not at all.
 */
export class MemoryDisk implements Disk {
  readonly #capacityBytes: number;
  readonly #root = new MemoryFolder();
  #faults: Fault[] = [];
  #operations = 0;
  #stopsAt = Infinity;
  #usedBytes = 0;
  #life = 0;

  constructor({ capacityBytes = Infinity }: MemoryDiskOptions = {}) {
    this.#capacityBytes = capacityBytes;
  }

  /** Operations so far, see `DiskOperation`. */
  get operations(): number {
    return this.#operations;
  }

  /** Bytes of all files. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** The next `times` operations that match fail, and are not done. */
  fail(
    matches: (operation: DiskOperation) => boolean,
    code: FileSystemErrorCode = "io-error",
    times = 1,
  ): void {
    this.#faults.push({ matches, code, timesLeft: times });
  }

  /** The operation of this number fails, and so does each after it: the process is dead by then. */
  stopAt(operation: number): void {
    this.#stopsAt = operation;
  }

  /**
   * The machine stops and comes up again: what was durable is there, and of the rest what `survival`
   * says (by draws, when it is a `Random`). What was open is closed, faults are forgotten.
   */
  crash(survival: Survival = "nothing"): void {
    for (const { folder, name } of this.#root.crash(survival)) {
      const node = folder.names.get(name);
      if (node && this.#root.occurrences(node) > 1) folder.forget(name);
    }
    this.#usedBytes = sizeOf(this.#root);
    this.#faults = [];
    this.#stopsAt = Infinity;
    this.#life += 1;
  }

  create(path: string): DiskWriter {
    this.#begin("create", path);
    const [folder, name] = this.#parent("create", path);
    if (folder.names.has(name)) throw failure("already-exists", "create", path);
    const file = new MemoryFile();
    folder.change({ names: [[name, file]] });
    return this.#writer(path, file);
  }

  open(path: string): DiskReader {
    this.#begin("open", path);
    const file = this.#existing("open", path);
    if (file instanceof MemoryFolder) throw failure("io-error", "open", path);
    return this.#reader(path, file);
  }

  rename(from: string, to: string): void {
    this.#begin("rename", to);
    const node = this.#existing("rename", from);
    const [oldFolder, oldName] = this.#parent("rename", from);
    const [newFolder, newName] = this.#parent("rename", to);
    const replaced = newFolder.names.get(newName);
    if (node === replaced) return;
    if (replaced && (replaced instanceof MemoryFolder || node instanceof MemoryFolder)) {
      throw failure("io-error", "rename", to);
    }
    if (replaced) this.#usedBytes -= sizeOf(replaced);
    if (oldFolder === newFolder) {
      oldFolder.change({
        names: [
          [oldName, undefined],
          [newName, node],
        ],
      });
      return;
    }
    newFolder.change({ names: [[newName, node]] });
    oldFolder.change({ names: [[oldName, undefined]], movedTo: newFolder });
  }

  remove(path: string): void {
    this.#begin("remove", path);
    const node = this.#find(path);
    if (!node) return;
    const [folder, name] = this.#parent("remove", path);
    this.#usedBytes -= sizeOf(node);
    if (node instanceof MemoryFolder) node.empty();
    folder.change({ names: [[name, undefined]] });
  }

  makeFolder(path: string): void {
    this.#begin("makeFolder", path);
    let folder = this.#root;
    for (const name of namesOf(path)) {
      let node = folder.names.get(name);
      if (node === undefined) {
        node = new MemoryFolder();
        folder.change({ names: [[name, node]] });
      }
      if (node instanceof MemoryFile) throw failure("already-exists", "make folder", path);
      folder = node;
    }
  }

  list(folder: string): string[] {
    this.#begin("list", folder);
    return [...this.#folder("list", folder).names.keys()].sort();
  }

  exists(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  isFolder(path: string): boolean {
    return this.#find(path) instanceof MemoryFolder;
  }

  syncFolder(path: string): void {
    this.#begin("syncFolder", path);
    this.#folder("sync", path).sync();
  }

  #writer(path: string, file: MemoryFile): DiskWriter {
    const begin = this.#handle(path);
    return {
      append: (bytes) => {
        begin("append");
        const free = this.#capacityBytes - this.#usedBytes;
        const fitting = bytes.length <= free ? bytes : bytes.subarray(0, free);
        file.append(fitting);
        this.#usedBytes += fitting.length;
        if (fitting.length < bytes.length) throw failure("no-space", "write", path);
      },
      sync: () => {
        try {
          begin("sync");
        } catch (error) {
          file.isLost ||= (error as FileSystemError).code !== "closed";
          throw error;
        }
        file.sync();
      },
      close: () => begin.close(),
    };
  }

  #reader(path: string, file: MemoryFile): DiskReader {
    const begin = this.#handle(path);
    return {
      size: file.size,
      read: (into, position) => {
        begin("read");
        const bytes = file.bytes.subarray(position, position + into.length);
        into.set(bytes);
        return bytes.length;
      },
      close: () => begin.close(),
    };
  }

  /** What the calls of an open file begin with. */
  #handle(path: string): ((kind: DiskOperationKind) => void) & { readonly close: () => void } {
    const life = this.#life;
    let isClosed = false;
    const begin = (kind: DiskOperationKind): void => {
      if (isClosed || life !== this.#life) throw failure("closed", kind, path);
      this.#begin(kind, path);
    };
    return Object.assign(begin, { close: () => void (isClosed = true) });
  }

  #begin(kind: DiskOperationKind, path: string): void {
    this.#operations += 1;
    const operation = { number: this.#operations, kind, path };
    if (this.#operations >= this.#stopsAt) throw failure("io-error", kind, path);
    const fault = this.#faults.find(
      ({ timesLeft, matches }) => timesLeft > 0 && matches(operation),
    );
    if (!fault) return;
    fault.timesLeft -= 1;
    throw failure(fault.code, kind, path);
  }

  #find(path: string): MemoryNode | undefined {
    let node: MemoryNode | undefined = this.#root;
    for (const name of namesOf(path)) {
      node = node instanceof MemoryFolder ? node.names.get(name) : undefined;
    }
    return node;
  }

  #existing(name: string, path: string): MemoryNode {
    const node = this.#find(path);
    if (!node) throw failure("not-found", name, path);
    return node;
  }

  #folder(name: string, path: string): MemoryFolder {
    const node = this.#existing(name, path);
    if (node instanceof MemoryFile) throw failure("io-error", name, path);
    return node;
  }

  /** The folder that a name stands in, or is to stand in. */
  #parent(operation: string, path: string): [folder: MemoryFolder, name: string] {
    const names = namesOf(path);
    const name = names.pop();
    if (name === undefined) throw failure("not-permitted", operation, path);
    return [this.#folder(operation, names.join("/")), name];
  }
}

const namesOf = (path: string): string[] =>
  path.split("/").filter((name) => name !== "" && name !== ".");

function failure(code: FileSystemErrorCode, operation: string, path: string): FileSystemError {
  return new FileSystemError(code, path, `cannot ${operation} ${path}: ${code}`);
}
