import { BATCH_HEADER_BYTES, writeBatchHeader } from "./batch-header.ts";
import { storedBytes, writeRecord } from "./record.ts";

/** Where a batch comes in the chain. */
export interface Link {
  readonly seed: number;
  readonly number: number;
  readonly previousCrc: number;
}

/** Who waits until a batch is durable, to be told `index`. No closure: there is one for each call. */
export interface Waiter {
  readonly index: number;
  readonly resolve: (index: number) => void;
  readonly reject: (reason: unknown) => void;
}

/** The records of one durable write, encoded as they come into one piece of memory. */
export class Batch {
  readonly firstIndex: number;
  /** Records below this index are dropped as soon as this batch is durable. */
  keptFrom: number;
  /** Of this batch's records, the last that no later call has truncated. */
  liveUntil: number;
  readonly waiters: Waiter[] = [];
  /** Where it was written; -1 until then. */
  place = -1;
  #bytes: Uint8Array;
  #view: DataView;
  #length = BATCH_HEADER_BYTES;
  #count = 0;
  #lastCrc = 0;

  /** `memory` is the batch's own from now on; larger memory replaces it when it is too small. */
  constructor(firstIndex: number, keptFrom: number, memory: Uint8Array) {
    this.firstIndex = firstIndex;
    this.keptFrom = keptFrom;
    this.liveUntil = firstIndex - 1;
    this.#bytes = memory;
    this.#view = new DataView(memory.buffer, memory.byteOffset, memory.length);
  }

  /** Bytes with the header. */
  get length(): number {
    return this.#length;
  }

  get recordCount(): number {
    return this.#count;
  }

  /** The memory, to be used again when this batch is done with. */
  get memory(): Uint8Array {
    return this.#bytes;
  }

  /** Copies `record` to the end of the batch. */
  add(record: Uint8Array): void {
    const end = this.#length + storedBytes(record.length);
    if (end > this.#bytes.length) this.#grow(end);
    this.#lastCrc = writeRecord(this.#bytes, this.#view, this.#length, record, this.#lastCrc);
    this.#length = end;
    this.#count++;
    this.liveUntil++;
  }

  /** Writes the header; `bytes` is then what goes to the file, and `crc` is for the next link. */
  seal({ seed, number, previousCrc }: Link): { readonly bytes: Uint8Array; readonly crc: number } {
    const header = {
      previousCrc,
      bodyCrc: this.#lastCrc,
      recordCount: this.#count,
      bodyBytes: this.#length - BATCH_HEADER_BYTES,
      number,
      keptFrom: this.keptFrom,
      firstIndex: this.firstIndex,
    };
    const crc = writeBatchHeader(this.#bytes, header, seed);
    return { bytes: this.#bytes.subarray(0, this.#length), crc };
  }

  #grow(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
