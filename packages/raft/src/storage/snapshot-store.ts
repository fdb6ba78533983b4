import { type FileSystem, FileSystemError, type File } from "@quorate/runtime";
import type { LogPosition } from "../core/log-position.ts";
import { RaftError } from "../raft-error.ts";
import { SnapshotFile } from "./snapshot-file.ts";

const NAME = /^snapshot-(\d+)-(\d+)$/;
const TEMPORARY_SUFFIX = ".part";

/** A node's snapshots, a file each. Only the newest is kept. */
export class SnapshotStore {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #newest: LogPosition | undefined;

  constructor(directory: string, fileSystem: FileSystem) {
    this.#directory = directory;
    this.#fileSystem = fileSystem;
  }

  /** What the newest snapshot covers. */
  get newest(): LogPosition | undefined {
    return this.#newest;
  }

  /** Finds the newest snapshot, and clears away what a crash left behind. */
  async load(): Promise<void> {
    await this.#fileSystem.makeDirectory(this.#directory);
    for (const name of await this.#fileSystem.list(this.#directory)) {
      const position = positionOf(name);
      if (position && position.index > (this.#newest?.index ?? 0)) this.#newest = position;
    }
    await this.#removeOthers();
  }

  /**
   * Keeps a snapshot. Durable when it resolves; then it replaces an older one. When `chunks` throws,
   * so does this, and nothing is kept.
   */
  async save(position: LogPosition, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.#pathOf(position);
    const temporary = `${path}${TEMPORARY_SUFFIX}`;
    try {
      const file = await this.#create(temporary);
      try {
        await SnapshotFile.write(file, chunks);
      } finally {
        await file.close();
      }
    } catch (error) {
      await this.#discard(temporary);
      throw error;
    }
    await this.#fileSystem.rename(temporary, path);
    await this.#fileSystem.syncDirectory(this.#directory);
    if (position.index > (this.#newest?.index ?? 0)) this.#newest = position;
    await this.#removeOthers();
  }

  /**
   * Opens the newest snapshot; the caller closes it. It stays readable when a newer one comes.
   *
   * @throws {RaftError} `damaged`.
   */
  async open(): Promise<
    { readonly position: LogPosition; readonly file: SnapshotFile } | undefined
  > {
    const position = this.#newest;
    if (!position) return undefined;
    const path = this.#pathOf(position);
    return { position, file: await SnapshotFile.open(path, await this.#fileSystem.open(path)) };
  }

  #pathOf({ index, term }: LogPosition): string {
    return `${this.#directory}/snapshot-${index}-${term}`;
  }

  async #create(path: string): Promise<File> {
    await this.#discard(path);
    return this.#fileSystem.open(path, { create: "new" });
  }

  async #removeOthers(): Promise<void> {
    const kept = this.#newest && this.#pathOf(this.#newest);
    for (const name of await this.#fileSystem.list(this.#directory)) {
      const path = `${this.#directory}/${name}`;
      const isOurs = positionOf(name) !== undefined || name.endsWith(TEMPORARY_SUFFIX);
      if (isOurs && path !== kept) await this.#discard(path);
    }
  }

  async #discard(path: string): Promise<void> {
    try {
      await this.#fileSystem.remove(path);
    } catch (error) {
      if (!(error instanceof FileSystemError && error.code === "not-found")) throw error;
    }
  }
}

function positionOf(name: string): LogPosition | undefined {
  const match = NAME.exec(name);
  if (!match) return undefined;
  const position = { index: Number(match[1]), term: Number(match[2]) };
  if (Number.isSafeInteger(position.index) && Number.isSafeInteger(position.term)) return position;
  throw new RaftError("damaged", `${name} is not the name of a snapshot`);
}
