import { deflateRawSync } from "node:zlib";
import { copy } from "../codec/copy.ts";
import type { Disk, DiskWriter } from "../disk/disk.ts";
import type { Segment } from "../task/task.ts";
import { BLOCK_HEADER_BYTES, varintBytes, writeU32, writeVarint } from "./run-format.ts";

export interface RunWriterOptions {
  readonly disk: Disk;
  readonly file: string;
  /** Pairs are written in blocks of about this size; a longer pair has one of its own. */
  readonly blockBytes: number;
  /** Deflates each block, as fast as zlib can. */
  readonly isCompressed: boolean;
}

/** Writes one run: the pairs of a partition between `begin` and `end`, sorted already. */
export class RunWriter {
  readonly segments: Segment[] = [];
  readonly #options: RunWriterOptions;
  readonly #out: DiskWriter;
  #block: Uint8Array;
  #length = BLOCK_HEADER_BYTES;
  #partition = 0;
  #position = 0;
  #start = 0;
  #records = 0;
  #largestBlock = 0;

  constructor(options: RunWriterOptions) {
    this.#options = options;
    this.#block = new Uint8Array(BLOCK_HEADER_BYTES + options.blockBytes);
    this.#out = options.disk.create(options.file);
  }

  begin(partition: number): void {
    this.#partition = partition;
    this.#start = this.#position;
    this.#records = 0;
    this.#largestBlock = 0;
  }

  append(
    key: Uint8Array,
    keyStart: number,
    keyEnd: number,
    value: Uint8Array,
    valueStart: number,
    valueEnd: number,
  ): void {
    const keyLength = keyEnd - keyStart;
    const valueLength = valueEnd - valueStart;
    const size = varintBytes(keyLength) + varintBytes(valueLength) + keyLength + valueLength;
    if (this.#length + size > this.#block.length) this.#makeRoom(size);
    const block = this.#block;
    const at = writeVarint(block, writeVarint(block, this.#length, keyLength), valueLength);
    copy(key, keyStart, keyEnd, block, at);
    copy(value, valueStart, valueEnd, block, at + keyLength);
    this.#length = at + keyLength + valueLength;
    this.#records++;
  }

  /** A segment without pairs is left out. */
  end(): void {
    this.#flush();
    if (this.#records === 0) return;
    this.segments.push({
      file: this.#options.file,
      partition: this.#partition,
      position: this.#start,
      bytes: this.#position - this.#start,
      records: this.#records,
      blockBytes: this.#largestBlock,
    });
  }

  close(): void {
    this.#out.close();
  }

  #makeRoom(size: number): void {
    this.#flush();
    const { blockBytes } = this.#options;
    const needed = BLOCK_HEADER_BYTES + Math.max(size, blockBytes);
    if (this.#block.length !== needed) this.#block = new Uint8Array(needed);
  }

  #flush(): void {
    if (this.#length === BLOCK_HEADER_BYTES) return;
    const size = this.#length - BLOCK_HEADER_BYTES;
    this.#largestBlock = Math.max(this.#largestBlock, size);
    const stored = this.#options.isCompressed && this.#deflated();
    writeU32(this.#block, 0, size);
    writeU32(this.#block, 4, stored ? stored.length : 0);
    if (stored) {
      this.#out.append(this.#block.subarray(0, BLOCK_HEADER_BYTES));
      this.#out.append(stored);
    } else {
      this.#out.append(this.#block.subarray(0, this.#length));
    }
    this.#position += BLOCK_HEADER_BYTES + (stored ? stored.length : size);
    this.#length = BLOCK_HEADER_BYTES;
  }

  /** Nothing where that would not save space. */
  #deflated(): Uint8Array | undefined {
    const block = this.#block.subarray(BLOCK_HEADER_BYTES, this.#length);
    const deflated = deflateRawSync(block, { level: 1 });
    return deflated.length < block.length ? deflated : undefined;
  }
}
