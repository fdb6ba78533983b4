import { type FileSystem, FileSystemError } from "@quorate/runtime";
import { ReplicationError } from "../replication-error.ts";
import type { LogPosition } from "./log-position.ts";
import { SnapshotFile } from "./snapshot-file.ts";

const NAME = /^snapshot-(\d+)-(\d+)$/;
const TEMPORARY_SUFFIX = ".part";

/** A node's snapshots, a file each. Only the newest is kept. */
export class SnapshotStore {
  readonly #directory: string;
  readonly #fileSystem: FileSystem;
  #newest: LogPosition | undefined;
  /** Files that are being written: one taken here, and one that a leader sends. */
  readonly #parts = new Set<string>();
  #partsMade = 0;
  /** The last step that must not overlap with others. */
  #lastStep: Promise<unknown> = Promise.resolve();

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
   * Keeps a snapshot, unless a newer one was kept meanwhile. Durable when it resolves; then it replaces
   * an older one, or another of the same place. When `chunks` throws, so does this, and nothing is
   * kept. Several may be saved at once.
   */
  async save(position: LogPosition, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const part = `${this.#pathOf(position)}.${this.#partsMade++}${TEMPORARY_SUFFIX}`;
    this.#parts.add(part);
    try {
      await this.#write(part, chunks);
      await this.#alone(() => this.#keep(part, position));
    } catch (error) {
      await this.#discard(part);
      throw error;
    } finally {
      this.#parts.delete(part);
    }
  }

  /**
   * Opens the newest snapshot; the caller closes it. It stays readable when a newer one comes.
   *
   * @throws {ReplicationError} `damaged`.
   */
  open(): Promise<{ readonly position: LogPosition; readonly file: SnapshotFile } | undefined> {
    // Alone: while it opens the newest, no newer one may take it away.
    return this.#alone(async () => {
      const position = this.#newest;
      if (!position) return undefined;
      const path = this.#pathOf(position);
      return { position, file: await SnapshotFile.open(path, await this.#fileSystem.open(path)) };
    });
  }

  async #write(part: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const file = await this.#fileSystem.open(part, { create: "new" });
    try {
      await SnapshotFile.write(file, chunks);
    } finally {
      await file.close();
    }
  }

  async #keep(part: string, position: LogPosition): Promise<void> {
    if (position.index < (this.#newest?.index ?? 0)) return this.#discard(part);
    await this.#fileSystem.rename(part, this.#pathOf(position));
    await this.#fileSystem.syncDirectory(this.#directory);
    this.#newest = position;
    await this.#removeOthers();
  }

  /** Runs `step` when all steps that were asked for before are over. */
  #alone<R>(step: () => Promise<R>): Promise<R> {
    const result = this.#lastStep.then(step);
    this.#lastStep = result.catch(() => {});
    return result;
  }

  #pathOf({ index, term }: LogPosition): string {
    return `${this.#directory}/snapshot-${index}-${term}`;
  }

  async #removeOthers(): Promise<void> {
    const kept = this.#newest && this.#pathOf(this.#newest);
    for (const name of await this.#fileSystem.list(this.#directory)) {
      const path = `${this.#directory}/${name}`;
      const isOurs = positionOf(name) !== undefined || name.endsWith(TEMPORARY_SUFFIX);
      if (isOurs && path !== kept && !this.#parts.has(path)) await this.#discard(path);
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
  throw new ReplicationError("damaged", `${name} is not the name of a snapshot`);
}
