import { type FileSystem, FileSystemError } from "@quorate/runtime";
import type { Waiter } from "./batch.ts";
import { CommitQueue } from "./commit-queue.ts";
import type { Run } from "./log-layout.ts";
import { type IndexedRecord, readRun } from "./log-reader.ts";
import type { LogWriter } from "./log-writer.ts";
import { LARGEST_RECORD_BYTES, requireBetween, type WalOptions } from "./options.ts";
import { PlaceNotes } from "./place.ts";
import { PlaceReader } from "./place-reader.ts";
import type { WalRecovery } from "./recovery.ts";
import type { ReadOptions, Wal } from "./wal.ts";
import { WalError } from "./wal-error.ts";

const NOTHING_FOUND: WalRecovery = {
  segments: 0,
  checkedBytes: 0,
  cutBytes: 0,
  cutAt: undefined,
  removedFiles: [],
};

/**
 * Calls of one turn of the event loop gather in one batch. Once they are this many bytes, the write
 * begins without waiting for the rest: the disk then works while the rest is copied.
 */
const EAGER_BYTES = 2 ** 18;

/** The driver: hands the queue's batches to the writer one by one, and tells who waits. */
export class SegmentedWal implements Wal {
  readonly recovery: WalRecovery;
  readonly #options: Required<WalOptions>;
  readonly #fileSystem: FileSystem;
  readonly #writer: LogWriter;
  readonly #queue: CommitQueue;
  readonly #places: PlaceReader;
  #progress: "idle" | "gathering" | "writing" = "idle";
  #removing: Promise<void> = Promise.resolve();
  #failure: WalError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    options: Required<WalOptions>,
    fileSystem: FileSystem,
    writer: LogWriter,
    recovery: WalRecovery = NOTHING_FOUND,
  ) {
    this.recovery = recovery;
    this.#options = options;
    this.#fileSystem = fileSystem;
    this.#writer = writer;
    this.#queue = new CommitQueue(options, writer.layout);
    // Of larger records that an earlier opening took, too.
    this.#places = new PlaceReader(fileSystem, options.directory, LARGEST_RECORD_BYTES);
  }

  get firstIndex(): number {
    return this.#queue.firstIndex;
  }

  get lastIndex(): number {
    return this.#queue.lastIndex;
  }

  get durableIndex(): number {
    return this.#queue.durableIndex;
  }

  append(records: readonly Uint8Array[]): Promise<number> {
    return this.#append(records);
  }

  async appendPlaced(records: readonly Uint8Array[]): Promise<Float64Array> {
    const notes = new PlaceNotes();
    await this.#append(records, notes);
    return notes.places;
  }

  async readAt(place: number): Promise<Uint8Array> {
    this.#requireOpen();
    try {
      return await this.#places.read(place);
    } catch (error) {
      throw readError(error);
    }
  }

  read(from: number, { maxBytes = Infinity }: ReadOptions = {}): AsyncIterable<IndexedRecord> {
    this.#requireOpen();
    requireIndex(from, this.firstIndex, this.lastIndex + 1);
    const limit = this.durableIndex;
    const runs = this.#writer.layout.runsBetween(from, limit);
    return this.#recordsOf(runs, from, maxBytes);
  }

  truncateAfter(index: number): Promise<void> {
    return this.#durable(() => {
      requireIndex(index, this.firstIndex - 1, this.lastIndex);
      this.#queue.truncateAfter(index);
    });
  }

  async dropBefore(index: number): Promise<void> {
    await this.#durable(() => {
      requireIndex(index, 0, this.lastIndex + 1);
      if (index > this.firstIndex) this.#queue.dropBefore(index);
    });
    await this.#removeDropped();
  }

  async reset(nextIndex: number): Promise<void> {
    await this.#durable(() => {
      requireBetween("nextIndex", nextIndex, 0, Number.MAX_SAFE_INTEGER);
      this.#queue.reset(nextIndex);
    });
    await this.#removeDropped();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Resolves when what `change` put into the queue, and all before, is durable. */
  async #durable(change: () => void): Promise<void> {
    this.#requireOpen();
    change();
    await this.#written();
  }

  /** Resolves when all that is in the queue is durable. */
  #written(): Promise<number> {
    return new Promise((resolve, reject) => this.#wait({ index: this.lastIndex, resolve, reject }));
  }

  #wait(waiter: Waiter): void {
    if (!this.#queue.wait(waiter)) waiter.resolve(waiter.index);
    else if (this.#progress === "writing") return;
    else if (this.#queue.nextBytes >= EAGER_BYTES) void this.#write();
    else if (this.#progress === "idle") {
      this.#progress = "gathering";
      queueMicrotask(() => void this.#write());
    }
  }

  /** Writes until nothing waits. Never rejects: whoever waits is told. */
  async #write(): Promise<void> {
    if (this.#progress === "writing") return;
    this.#progress = "writing";
    try {
      for (let batch = this.#queue.take(); batch; batch = this.#queue.take()) {
        await this.#writer.write(batch);
        if (this.#failure) return;
        for (const waiter of this.#queue.completed()) waiter.resolve(waiter.index);
      }
      this.#progress = "idle";
    } catch (error) {
      this.#fail(error);
    }
  }

  /** One removal after the other, beside the writing: files that go do not hold up appends. */
  #removeDropped(): Promise<void> {
    this.#removing = this.#removing.then(async () => {
      if (this.#failure) return;
      try {
        await this.#places.forgetBefore(this.#writer.layout.oldestSegment ?? Infinity);
        await this.#writer.removeDropped();
      } catch (error) {
        this.#fail(error);
      }
    });
    return this.#removing.then(() => this.#requireWorking());
  }

  #append(records: readonly Uint8Array[], notes?: PlaceNotes): Promise<number> {
    // What the executor throws rejects the promise: one promise a call, however many records.
    return new Promise((resolve, reject) => {
      this.#requireOpen();
      for (const record of records) this.#requireRecord(record);
      this.#queue.append(records, notes);
      this.#wait({ index: this.#queue.lastIndex, resolve, reject });
    });
  }

  async *#recordsOf(
    runs: readonly Run[],
    from: number,
    maxBytes: number,
  ): AsyncGenerator<IndexedRecord> {
    let bytes = 0;
    let first = true;
    try {
      for (const run of runs) {
        for await (const records of readRun(this.#fileSystem, this.#options.directory, run, from)) {
          for (const indexed of records) {
            bytes += indexed.record.length;
            if (bytes > maxBytes && !first) return;
            first = false;
            yield indexed;
          }
        }
      }
    } catch (error) {
      throw readError(error);
    }
  }

  async #close(): Promise<void> {
    await this.#written().catch(() => {}); // those who waited were told
    await this.#removing;
    try {
      if (!this.#failure) await this.#writer.seal();
      await this.#writer.close();
      await this.#places.close();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): WalError {
    this.#failure ??= new WalError("failed", "a write failed: the log is not written to any more", {
      cause,
    });
    for (const waiter of this.#queue.abandon()) waiter.reject(this.#failure);
    return this.#failure;
  }

  #requireOpen(): void {
    this.#requireWorking();
    if (this.#closing) throw new WalError("closed", "the log is closed");
  }

  #requireWorking(): void {
    if (this.#failure) throw this.#failure;
  }

  #requireRecord(record: Uint8Array): void {
    if (!(record instanceof Uint8Array)) {
      throw new WalError("invalid-option", "a record must be a Uint8Array");
    }
    const { maxRecordBytes } = this.#options;
    if (record.length <= maxRecordBytes) return;
    throw new WalError(
      "too-large",
      `a record of ${record.length} bytes; at most ${maxRecordBytes}`,
    );
  }
}

function requireIndex(index: number, min: number, max: number): void {
  if (Number.isSafeInteger(index) && index >= min && index <= max) return;
  throw new WalError("out-of-range", `index ${index} is not in ${min} to ${max}`);
}

function readError(error: unknown): unknown {
  if (!(error instanceof FileSystemError)) return error;
  if (error.code !== "not-found") {
    return new WalError("unreadable", `cannot read the log: ${error.message}`, { cause: error });
  }
  const message = "the records were dropped before they were read";
  return new WalError("out-of-range", message, { cause: error });
}
