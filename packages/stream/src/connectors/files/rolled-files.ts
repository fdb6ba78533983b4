import { type FileSystem, FileSystemError } from "@quorate/runtime";
import { StreamError } from "../../stream-error.ts";

/** A file that is written and durable under its hidden name. */
export interface WrittenFile {
  readonly hidden: string;
  readonly name: string;
  readonly bytes: number;
}

/** The files of a folder that belong to one sink: hidden until they are committed. */
export class RolledFiles {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
  }

  path(name: string): string {
    return `${this.#folder}/${name}`;
  }

  /** A file in progress of that sink; two sinks may share a folder. */
  hidden(id: string, name: string): string {
    return `${hiddenPrefix(id)}${name}`;
  }

  /**
   * Shows files under their names, durably. No effect on those that are shown.
   *
   * @throws {StreamError} `transaction-lost`: one is neither hidden nor shown, or has other bytes
   */
  async show(files: readonly WrittenFile[]): Promise<void> {
    if (files.length === 0) return;
    for (const file of files) {
      const size = await this.#size(file.hidden);
      if (size === undefined && (await this.#size(file.name)) === file.bytes) continue;
      if (size !== file.bytes) throw this.#lost(file, size);
      await this.#fileSystem.rename(this.path(file.hidden), this.path(file.name));
    }
    await this.#fileSystem.syncDirectory(this.#folder);
  }

  /** Removes what the sink has hidden. */
  async drop(id: string): Promise<void> {
    for (const name of await this.#fileSystem.list(this.#folder)) {
      if (name.startsWith(hiddenPrefix(id))) await this.#fileSystem.remove(this.path(name));
    }
    await this.#fileSystem.syncDirectory(this.#folder);
  }

  async #size(name: string): Promise<number | undefined> {
    try {
      const file = await this.#fileSystem.open(this.path(name));
      const size = await file.size();
      await file.close();
      return size;
    } catch (error) {
      if (error instanceof FileSystemError && error.code === "not-found") return undefined;
      throw error;
    }
  }

  #lost({ hidden, bytes }: WrittenFile, size: number | undefined): StreamError {
    const found = size === undefined ? "is gone" : `has ${size} bytes`;
    const text = `${this.path(hidden)}, which a checkpoint has with ${bytes} bytes, ${found}`;
    return new StreamError("transaction-lost", text);
  }
}

function hiddenPrefix(id: string): string {
  return `.${encodeURIComponent(id)}~`;
}
