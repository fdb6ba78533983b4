import { join } from "node:path";
import { ByteSink } from "../codec/byte-sink.ts";
import type { Disk, DiskWriter } from "../disk/disk.ts";

/** Bytes of one key's values that are kept in memory; what is more goes to a file. */
const SPOOL_BYTES = 32 * 1_024 * 1_024;

const LENGTH_BYTES = 4;

/**
 * The values of one key, kept until all of them are there: reduce goes through them without waiting,
 * and standard input is not read without it. Those of a large group are in a file.
 */
export class GroupSpool {
  readonly #disk: Disk;
  readonly #memoryBytes: number;
  readonly #memory = new ByteSink();
  readonly #folder: string;
  readonly #file: string;
  #writer: DiskWriter | undefined;
  /** How long the pieces are that the file was written in, each of whole values. */
  #pieces: number[] = [];

  /** @param folder of its own: made when it is needed, and removed in the end. */
  constructor(disk: Disk, folder: string, memoryBytes: number = SPOOL_BYTES) {
    this.#disk = disk;
    this.#folder = folder;
    this.#file = join(folder, "values");
    this.#memoryBytes = memoryBytes;
  }

  add(bytes: Uint8Array, start: number, end: number): void {
    const needed = LENGTH_BYTES + end - start;
    if (this.#memory.length > 0 && this.#memory.length + needed > this.#memoryBytes) this.#spill();
    const memory = this.#memory;
    memory.reserve(needed);
    new DataView(memory.bytes.buffer, memory.bytes.byteOffset).setUint32(
      memory.length,
      end - start,
    );
    memory.length += LENGTH_BYTES;
    memory.append(bytes, start, end);
  }

  /** All values in the order in which they were added, as bytes that are good until the next one. */
  *values(): Iterable<Uint8Array> {
    yield* this.#valuesOfFile();
    yield* valuesIn(this.#memory.bytes, this.#memory.length);
  }

  clear(): void {
    this.#memory.length = 0;
    if (!this.#writer) return;
    this.#writer.close();
    this.#writer = undefined;
    this.#pieces = [];
    this.#disk.remove(this.#file);
  }

  /** Removes what it has made. */
  close(): void {
    this.clear();
    this.#disk.remove(this.#folder);
  }

  #spill(): void {
    if (!this.#writer) {
      this.#disk.makeFolder(this.#folder);
      this.#writer = this.#disk.create(this.#file);
    }
    this.#writer.append(this.#memory.bytes.subarray(0, this.#memory.length));
    this.#pieces.push(this.#memory.length);
    this.#memory.length = 0;
  }

  *#valuesOfFile(): Iterable<Uint8Array> {
    if (!this.#writer) return;
    const reader = this.#disk.open(this.#file);
    try {
      let position = 0;
      for (const length of this.#pieces) {
        const bytes = new Uint8Array(length);
        reader.read(bytes, position);
        position += length;
        yield* valuesIn(bytes, length);
      }
    } finally {
      reader.close();
    }
  }
}

function* valuesIn(bytes: Uint8Array, length: number): Iterable<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < length;) {
    const start = at + LENGTH_BYTES;
    at = start + view.getUint32(at);
    yield bytes.subarray(start, at);
  }
}
