import { type File, type FileSystem, FileSystemError, type OpenOptions } from "@quorate/runtime";
import type { Life } from "../world/life.ts";
import type { Change, DiskFile } from "./disk-file.ts";
import { parentOf } from "./names.ts";
import type { SimulatedDisk } from "./simulated-disk.ts";

/**
 * A disk as one life of a node sees it. Each operation takes its time, and has its effect at its end;
 * what a crash interrupts never settles, and may or may not have had its effect.
 */
export class MountedFileSystem implements FileSystem {
  readonly #disk: SimulatedDisk;
  readonly #life: Life;

  constructor(disk: SimulatedDisk, life: Life) {
    this.#disk = disk;
    this.#life = life;
  }

  open(path: string, { create = "existing" }: OpenOptions = {}): Promise<File> {
    return this.operate(() => {
      this.#disk.failRead(path);
      if (create !== "new") return this.#handle(path, this.#disk.names.file(path));
      this.#disk.requireSpace(path, 0);
      const file = this.#disk.names.create(path);
      this.#disk.trace.record(this.#disk.node, "create", path);
      return this.#handle(path, file);
    });
  }

  rename(from: string, to: string): Promise<void> {
    return this.operate(() => {
      const file = this.#disk.names.file(from);
      this.#disk.names.requireDirectory(parentOf(to));
      const directories = [parentOf(from), parentOf(to)];
      this.#disk.changeNames({ directories, removed: from, added: [to, file] });
      this.#disk.trace.record(this.#disk.node, "rename", to);
    });
  }

  list(directory: string): Promise<string[]> {
    return this.operate(() => this.#disk.names.list(directory));
  }

  remove(path: string): Promise<void> {
    return this.operate(() => {
      this.#disk.names.file(path);
      this.#disk.changeNames({ directories: [parentOf(path)], removed: path });
      this.#disk.trace.record(this.#disk.node, "remove", path);
    });
  }

  makeDirectory(path: string): Promise<void> {
    return this.operate(() => this.#disk.names.makeDirectory(path));
  }

  syncDirectory(path: string): Promise<void> {
    return this.operate(() => {
      this.#disk.failSync(path, undefined);
      this.#disk.names.sync(path);
    });
  }

  /** @internal Does `act` when the device has taken its time, and tells the program, if it lives. */
  operate<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      if (!this.#life.isAlive) return;
      this.#disk.scheduler.setTimer(this.#disk.drawLatencyMs(), () => {
        if (!this.#life.isAlive) return;
        try {
          const result = act();
          this.#life.enter(() => resolve(result));
        } catch (error) {
          this.#life.enter(() => reject(error));
        }
      });
    });
  }

  #handle(path: string, file: DiskFile): File {
    return new OpenFile(this, this.#disk, path, file);
  }
}

class OpenFile implements File {
  readonly #mount: MountedFileSystem;
  readonly #disk: SimulatedDisk;
  readonly #path: string;
  readonly #file: DiskFile;
  #closed = false;

  constructor(mount: MountedFileSystem, disk: SimulatedDisk, path: string, file: DiskFile) {
    this.#mount = mount;
    this.#disk = disk;
    this.#path = path;
    this.#file = file;
  }

  read(into: Uint8Array, position: number): Promise<number> {
    return this.#operate(() => {
      this.#disk.failRead(this.#path);
      return this.#file.read(into, position);
    });
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    const change = { kind: "write", position, bytes } as const;
    return this.#change(change, () => {
      this.#requireSpaceFor(change);
      this.#disk.failWrite(this.#path, this.#file, change);
      this.#file.apply(change);
      this.#disk.recordWrite("write", this.#path, change);
    });
  }

  writeDurably(bytes: Uint8Array, position: number): Promise<void> {
    const change = { kind: "write", position, bytes } as const;
    return this.#change(change, () => {
      this.#requireSpaceFor(change);
      this.#disk.failWrite(this.#path, this.#file, change);
      this.#failSync(change);
      const elsewhere = this.#disk.misdirected(change, this.#file, this.#path);
      if (elsewhere === undefined) {
        this.#file.applyDurably(change);
        this.#disk.recordWrite("write durably", this.#path, change);
      } else {
        this.#file.abandon(change);
        this.#file.misdirect(bytes, elsewhere);
      }
    });
  }

  sync(): Promise<void> {
    const { changes } = this.#file;
    return this.#operate(() => {
      this.#disk.failSync(this.#path, this.#file);
      this.#file.sync(changes);
      this.#disk.trace.record(this.#disk.node, "sync", this.#path, changes);
    });
  }

  truncate(size: number): Promise<void> {
    const change = { kind: "truncate", size } as const;
    return this.#change(change, () => {
      if (size > this.#file.size) this.#disk.requireSpace(this.#path, 0);
      this.#file.apply(change);
      this.#disk.trace.record(this.#disk.node, "truncate", this.#path, size);
    });
  }

  size(): Promise<number> {
    return this.#operate(() => this.#file.size);
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.#mount.operate(() => {});
  }

  #change(change: Change, act: () => void): Promise<void> {
    if (!this.#closed) this.#file.begin(change);
    return this.#operate(() => {
      try {
        act();
      } finally {
        this.#file.abandon(change);
      }
    });
  }

  /** As with `sync`: the bytes are seen, and will not be durable. */
  #failSync(change: Change): void {
    try {
      this.#disk.failSync(this.#path, this.#file);
    } catch (error) {
      this.#file.apply(change);
      this.#file.forgetPending();
      throw error;
    }
  }

  #requireSpaceFor({ bytes, position }: Change & { readonly kind: "write" }): void {
    const grows = position + bytes.length > this.#file.size;
    this.#disk.requireSpace(this.#path, grows ? bytes.length : 0);
  }

  #operate<T>(act: () => T): Promise<T> {
    if (this.#closed) {
      const message = `${this.#path} is closed`;
      return Promise.reject(new FileSystemError("closed", this.#path, message));
    }
    return this.#mount.operate(act);
  }
}
