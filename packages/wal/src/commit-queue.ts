import { Batch, type Waiter } from "./batch.ts";
import { BATCH_HEADER_BYTES } from "./batch-header.ts";
import type { PlaceNotes } from "./place.ts";
import { storedBytes } from "./record.ts";
import { WalError } from "./wal-error.ts";

/** Once a batch has this many bytes, further records go to the next. */
const BATCH_BYTES = 4 * 2 ** 20;
/** What a batch begins with; it doubles as needed and is used again. */
const FIRST_MEMORY_BYTES = 512;
/** One batch is written while the next one fills: more memory than for two is not kept. */
const MEMORY_KEPT = 2;

/**
 * The core of group commit, without promises or files: calls go in, and come out as batches to write
 * one after the other. Whatever comes while a batch is being written gathers in the next.
 *
 * The indices are those that callers see: they change with the call, not when it becomes durable.
 */
export class CommitQueue {
  readonly #maxQueuedBytes: number;
  readonly #batchBytes: number;
  #firstIndex: number;
  #lastIndex: number;
  #durableIndex: number;
  #queuedBytes = 0;
  readonly #waiting: Batch[] = [];
  #written: Batch | undefined;
  readonly #memory: Uint8Array[] = [];

  /** `bounds` are the indices of a log that is wholly durable. */
  constructor(
    options: { readonly maxQueuedBytes: number; readonly segmentBytes: number },
    bounds: { readonly firstIndex: number; readonly lastIndex: number },
  ) {
    this.#maxQueuedBytes = options.maxQueuedBytes;
    this.#batchBytes = Math.min(BATCH_BYTES, options.segmentBytes);
    this.#firstIndex = bounds.firstIndex;
    this.#lastIndex = bounds.lastIndex;
    this.#durableIndex = bounds.lastIndex;
  }

  get firstIndex(): number {
    return this.#firstIndex;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  get durableIndex(): number {
    return this.#durableIndex;
  }

  /** Bytes of the batch that is written next. */
  get nextBytes(): number {
    return this.#waiting[0]?.length ?? 0;
  }

  /** Takes copies of `records`, and notes where they will be; throws `too-large` or `overloaded`, and then takes none. */
  append(records: readonly Uint8Array[], notes?: PlaceNotes): void {
    let bytes = 0;
    for (const record of records) bytes += storedBytes(record.length);
    if (bytes + BATCH_HEADER_BYTES > this.#maxQueuedBytes) {
      throw new WalError("too-large", `${bytes} bytes in one call: split it`);
    }
    if (this.#queuedBytes > 0 && this.#queuedBytes + bytes > this.#maxQueuedBytes) {
      throw new WalError("overloaded", `${this.#queuedBytes} bytes wait for the disk already`);
    }
    for (const record of records) {
      const batch = this.#batchFor(storedBytes(record.length));
      notes?.add(batch, batch.length);
      batch.add(record);
      this.#lastIndex++;
    }
    this.#queuedBytes += bytes;
  }

  /** Drops the records after `index`, which must be from `firstIndex - 1` to `lastIndex`. */
  truncateAfter(index: number): void {
    this.#forgetAfter(index);
    this.#lastIndex = index;
    this.#beginAfterCut();
  }

  /** Drops the records before `index`, which must be from `firstIndex` to `lastIndex + 1`. */
  dropBefore(index: number): void {
    this.#firstIndex = index;
    const batch = this.#waiting.at(-1) ?? this.#begin();
    batch.keptFrom = index;
  }

  /** Drops all records; the next is `nextIndex`, any index. */
  reset(nextIndex: number): void {
    this.#forgetAfter(nextIndex - 1);
    this.#firstIndex = nextIndex;
    this.#lastIndex = nextIndex - 1;
    this.#durableIndex = nextIndex - 1;
    this.#beginAfterCut();
  }

  /** Settles `waiter` with all that was called before: returns false if that is durable already. */
  wait(waiter: Waiter): boolean {
    const last = this.#waiting.at(-1) ?? this.#written;
    last?.waiters.push(waiter);
    return last !== undefined;
  }

  /** The next batch to write. Not before the last one was `completed`. */
  take(): Batch | undefined {
    this.#written = this.#waiting.shift();
    return this.#written;
  }

  /** The batch that was taken is durable: whom to tell. */
  completed(): readonly Waiter[] {
    const batch = this.#written;
    if (!batch) throw new Error("no batch is being written");
    this.#written = undefined;
    this.#durableIndex = Math.max(this.#durableIndex, batch.liveUntil);
    this.#queuedBytes -= batch.length;
    if (this.#memory.length < MEMORY_KEPT && batch.memory.length <= 2 * BATCH_BYTES) {
      this.#memory.push(batch.memory);
    }
    return batch.waiters;
  }

  /** Gives up all batches: whom to tell. */
  abandon(): readonly Waiter[] {
    const batches = this.#written ? [this.#written, ...this.#waiting] : this.#waiting.slice();
    this.#written = undefined;
    this.#waiting.length = 0;
    return batches.flatMap((batch) => batch.waiters);
  }

  #batchFor(bytes: number): Batch {
    const last = this.#waiting.at(-1);
    const fits = last && (last.recordCount === 0 || last.length + bytes <= this.#batchBytes);
    return fits ? last : this.#begin();
  }

  #begin(): Batch {
    const memory = this.#memory.pop() ?? new Uint8Array(FIRST_MEMORY_BYTES);
    const batch = new Batch(this.#lastIndex + 1, this.#firstIndex, memory);
    this.#queuedBytes += batch.length;
    this.#waiting.push(batch);
    return batch;
  }

  /** A cut takes the place of an empty batch, so cuts without appends between do not pile up. */
  #beginAfterCut(): void {
    const last = this.#waiting.at(-1);
    if (!last || last.recordCount > 0) {
      this.#begin();
      return;
    }
    this.#waiting.pop();
    this.#queuedBytes -= last.length;
    this.#begin().waiters.push(...last.waiters);
  }

  /** What is being written, or waits to be, will not count as durable beyond `index`. */
  #forgetAfter(index: number): void {
    this.#durableIndex = Math.min(this.#durableIndex, index);
    const batches = this.#written ? [this.#written, ...this.#waiting] : this.#waiting;
    for (const batch of batches) batch.liveUntil = Math.min(batch.liveUntil, index);
  }
}
