import { close, constants, fdatasync, fstat, ftruncate, open, read, write } from "node:fs";
import type { File } from "./file-system.ts";
import { FileSystemError } from "./file-system-error.ts";
import { fileSystemError } from "./system-error.ts";

/**
 * Only Linux gives O_DSYNC the strength of fdatasync (macOS leaves the bytes in the drive's cache,
 * where libuv's fdatasync does not); there a durable write is one system call and one thread hop.
 */
const WRITES_DURABLY = process.platform === "linux";

/** Opens through callbacks, not `fs/promises`: a `FileHandle` costs about 20 µs more a call. */
export async function openSystemFile(path: string, create: "existing" | "new"): Promise<File> {
  const { O_RDWR, O_CREAT, O_EXCL } = constants;
  const descriptor = await openDescriptor(
    path,
    create === "new" ? O_RDWR | O_CREAT | O_EXCL : O_RDWR,
  );
  return new SystemFile(path, descriptor);
}

class SystemFile implements File {
  readonly #path: string;
  readonly #descriptor: number;
  #durableDescriptor: number | undefined;
  #closed = false;

  constructor(path: string, descriptor: number) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    let filled = 0;
    while (filled < into.length) {
      const count = await this.#call<number>("read", (done) =>
        read(this.#descriptor, into, filled, into.length - filled, position + filled, done),
      );
      if (count === 0) break;
      filled += count;
    }
    return filled;
  }

  write(bytes: Uint8Array, position: number): Promise<void> {
    return this.#writeAll(this.#descriptor, bytes, position);
  }

  async writeDurably(bytes: Uint8Array, position: number): Promise<void> {
    if (WRITES_DURABLY) {
      this.#checkOpen("write");
      this.#durableDescriptor ??= await this.#openDurable();
      return this.#writeAll(this.#durableDescriptor, bytes, position);
    }
    await this.write(bytes, position);
    await this.sync();
  }

  sync(): Promise<void> {
    return this.#call("sync", (done) => fdatasync(this.#descriptor, done));
  }

  truncate(size: number): Promise<void> {
    return this.#call("truncate", (done) => ftruncate(this.#descriptor, size, done));
  }

  async size(): Promise<number> {
    return (await this.#call<{ size: number }>("stat", (done) => fstat(this.#descriptor, done)))
      .size;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await callback("close", this.#path, (done) => close(this.#descriptor, done));
    const durable = this.#durableDescriptor;
    if (durable === undefined) return;
    await callback("close", this.#path, (done) => close(durable, done));
  }

  async #writeAll(descriptor: number, bytes: Uint8Array, position: number): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      written += await this.#call<number>("write", (done) =>
        write(descriptor, bytes, written, bytes.length - written, position + written, done),
      );
    }
  }

  async #openDurable(): Promise<number> {
    const descriptor = await openDescriptor(this.#path, constants.O_RDWR | constants.O_DSYNC);
    if (this.#durableDescriptor === undefined) return descriptor;
    // Another first write opened it meanwhile: one is enough.
    await callback("close", this.#path, (done) => close(descriptor, done));
    return this.#durableDescriptor;
  }

  #call<T = void>(name: string, run: (done: Done<T>) => void): Promise<T> {
    this.#checkOpen(name);
    return callback(name, this.#path, run);
  }

  #checkOpen(name: string): void {
    if (!this.#closed) return;
    throw new FileSystemError("closed", this.#path, `cannot ${name} ${this.#path}: it is closed`);
  }
}

type Done<T> = (error: NodeJS.ErrnoException | null, result?: T) => void;

function callback<T>(name: string, path: string, run: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    run((error, result) => {
      if (error) reject(fileSystemError(name, path, error));
      else resolve(result as T);
    });
  });
}

function openDescriptor(path: string, flags: number): Promise<number> {
  return callback("open", path, (done) => open(path, flags, 0o600, done));
}
