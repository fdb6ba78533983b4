import type { File, FileSystem, OpenOptions } from "../file-system.ts";
import { FileSystemError } from "../file-system-error.ts";
import type { Random } from "../random.ts";
import { MemoryDiskFile } from "./memory-disk-file.ts";

/** An operation that is about to run: throw from the hook (a `FileSystemError`) to let it fail. */
export interface Fault {
  readonly operation: keyof File | keyof FileSystem;
  readonly path: string;
}

/**
 * A disk in memory that keeps apart what was made durable and what was not, so that a test can
 * crash the machine. Paths are POSIX ones; every operation runs at once and resolves in a microtask.
 */
export class MemoryFileSystem implements FileSystem {
  readonly #directories = new Set<string>();
  #names = new Map<string, MemoryDiskFile>();
  #durableNames = new Map<string, MemoryDiskFile>();
  /** What was done to names and is not durable yet, in order. */
  #pendingNames: NameChange[] = [];
  #boots = 0;

  /**
   * Called before each operation; what it throws (or rejects with) is that operation's failure. For
   * `writeDurably` it is called again, as `sync`, when the bytes are written and not durable yet.
   */
  onOperation: (operation: Fault) => void | Promise<void> = () => {};

  async open(path: string, { create = "existing" }: OpenOptions = {}): Promise<File> {
    await this.onOperation({ operation: "open", path });
    if (create === "new") this.#create(path);
    return this.#handle(path, this.file(path), this.#boots);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.onOperation({ operation: "rename", path: from });
    const file = this.file(from);
    this.#requireDirectory(to);
    this.#change({ directories: [parent(from), parent(to)], removed: from, added: [to, file] });
  }

  async list(directory: string): Promise<string[]> {
    await this.onOperation({ operation: "list", path: directory });
    this.#requireDirectory(`${directory}/.`);
    const children = [...this.#names.keys(), ...this.#directories].filter(
      (path) => parent(path) === directory,
    );
    return children.map((path) => path.slice(path.lastIndexOf("/") + 1)).sort();
  }

  async remove(path: string): Promise<void> {
    await this.onOperation({ operation: "remove", path });
    this.file(path);
    this.#change({ directories: [parent(path)], removed: path });
  }

  async makeDirectory(path: string): Promise<void> {
    await this.onOperation({ operation: "makeDirectory", path });
    for (let at = path; at !== ""; at = parent(at)) this.#directories.add(at);
  }

  async syncDirectory(path: string): Promise<void> {
    await this.onOperation({ operation: "syncDirectory", path });
    const pending = this.#pendingNames;
    this.#pendingNames = pending.filter((change) => !change.directories.includes(path));
    for (const change of pending) {
      if (change.directories.includes(path)) apply(change, this.#durableNames);
    }
  }

  /**
   * The machine loses power: what was not made durable is lost, or, with `random`, each change of a
   * name survives or vanishes, and each write survives, vanishes or tears. Open files are closed.
   * Directories always survive.
   */
  crash(random?: Random): void {
    this.kill();
    for (const change of random ? this.#pendingNames : []) {
      if (random!.next() < 0.5) apply(change, this.#durableNames);
    }
    this.#pendingNames = [];
    this.#names = new Map(this.#durableNames);
    for (const file of new Set(this.#names.values())) file.crash(random);
  }

  /** The process dies, the machine does not: open files are closed, nothing is lost. */
  kill(): void {
    this.#boots++;
  }

  /** The file behind a path, to look at its bytes or to damage them. */
  file(path: string): MemoryDiskFile {
    const file = this.#names.get(path);
    if (!file) throw new FileSystemError("not-found", path, `${path} does not exist`);
    return file;
  }

  #create(path: string): void {
    this.#requireDirectory(path);
    if (this.#names.has(path)) {
      throw new FileSystemError("already-exists", path, `${path} exists already`);
    }
    this.#change({ directories: [parent(path)], added: [path, new MemoryDiskFile()] });
  }

  #change(change: NameChange): void {
    apply(change, this.#names);
    this.#pendingNames.push(change);
  }

  #requireDirectory(path: string): void {
    const directory = parent(path);
    if (directory === "" || this.#directories.has(directory)) return;
    throw new FileSystemError("not-found", directory, `${directory} does not exist`);
  }

  #handle(path: string, file: MemoryDiskFile, boot: number): File {
    let closed = false;
    const begin = async (operation: keyof File): Promise<void> => {
      await this.onOperation({ operation, path });
      if (!closed && boot === this.#boots) return;
      throw new FileSystemError("closed", path, `${path} is closed`);
    };
    return {
      read: async (into, position) => (await begin("read"), file.read(into, position)),
      write: async (bytes, position) => (await begin("write"), file.write(bytes, position)),
      writeDurably: async (bytes, position) => {
        await begin("writeDurably");
        file.write(bytes, position);
        await begin("sync");
        file.syncWrite(bytes, position);
      },
      sync: async () => (await begin("sync"), file.sync()),
      truncate: async (size) => (await begin("truncate"), file.truncate(size)),
      size: async () => (await begin("size"), file.size),
      close: async () => {
        closed = true;
      },
    };
  }
}

/** A name that goes, a name that comes, or both in one step. */
interface NameChange {
  readonly directories: readonly string[];
  readonly removed?: string;
  readonly added?: readonly [path: string, file: MemoryDiskFile];
}

/** Without effect on names whose file did not survive: nothing can be renamed that is not there. */
function apply({ removed, added }: NameChange, names: Map<string, MemoryDiskFile>): void {
  if (removed !== undefined && !names.delete(removed) && added) return;
  if (added) names.set(...added);
}

function parent(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
