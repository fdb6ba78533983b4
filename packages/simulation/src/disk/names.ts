import { FileSystemError, type Random } from "@quorate/runtime";
import { DiskFile } from "./disk-file.ts";

/** A name that goes, a name that comes, or both in one step. */
export interface NameChange {
  readonly directories: readonly string[];
  readonly removed?: string;
  readonly added?: readonly [path: string, file: DiskFile];
}

/** Which path names which file: as programs see it, and as it would be after a crash. */
export class Names {
  readonly #directories = new Set<string>();
  #seen = new Map<string, DiskFile>();
  #durable = new Map<string, DiskFile>();
  #pending: NameChange[] = [];

  /** @throws {FileSystemError} `not-found`. */
  file(path: string): DiskFile {
    const file = this.#seen.get(path);
    if (!file) throw notFound(path);
    return file;
  }

  all(): [path: string, file: DiskFile][] {
    return [...this.#seen];
  }

  list(directory: string): string[] {
    this.requireDirectory(directory);
    const prefix = `${directory}/`;
    const children = [...this.#seen.keys(), ...this.#directories].filter(
      (path) => path.startsWith(prefix) && !path.includes("/", prefix.length),
    );
    return children.map((path) => path.slice(prefix.length)).sort();
  }

  makeDirectory(path: string): void {
    for (let at = path; at !== ""; at = parentOf(at)) this.#directories.add(at);
  }

  /** @throws {FileSystemError} `not-found`. */
  requireDirectory(path: string): void {
    if (path !== "" && !this.#directories.has(path)) throw notFound(path);
  }

  /** @throws {FileSystemError} `already-exists`, `not-found`. */
  create(path: string): DiskFile {
    this.requireDirectory(parentOf(path));
    if (this.#seen.has(path)) {
      throw new FileSystemError("already-exists", path, `${path} exists already`);
    }
    const file = new DiskFile();
    this.change({ directories: [parentOf(path)], added: [path, file] });
    return file;
  }

  change(change: NameChange): void {
    apply(change, this.#seen);
    this.#pending.push(change);
  }

  sync(directory: string): void {
    const isOurs = ({ directories }: NameChange): boolean => directories.includes(directory);
    for (const change of this.#pending) if (isOurs(change)) apply(change, this.#durable);
    this.#pending = this.#pending.filter((change) => !isOurs(change));
  }

  /**
   * Power is lost: what was not synced vanishes or, with `random`, some of it survives. Directories
   * always survive. Returns the files that are left.
   */
  crash(random: Random | undefined): [path: string, file: DiskFile][] {
    for (const change of random ? this.#pending : []) {
      if (random!.next() < 0.5) apply(change, this.#durable);
    }
    this.#pending = [];
    this.#seen = new Map(this.#durable);
    return this.all();
  }
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

/** Without effect on names whose file did not survive: nothing can be renamed that is not there. */
function apply({ removed, added }: NameChange, names: Map<string, DiskFile>): void {
  if (removed !== undefined && !names.delete(removed) && added) return;
  if (added) names.set(...added);
}

function notFound(path: string): FileSystemError {
  return new FileSystemError("not-found", path, `${path} does not exist`);
}
