import { inflateRawSync } from "node:zlib";
import type { Disk, DiskReader } from "../disk/disk.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { Segment } from "../task/task.ts";
import { BLOCK_HEADER_BYTES, readU32 } from "./run-format.ts";

/** Goes through the pairs of one segment; holds one block of it. */
export class RunReader {
  /** Where the current pair stands; good until `advance`. */
  bytes: Uint8Array;
  keyStart = 0;
  keyEnd = 0;
  valueEnd = 0;
  /** The key's first six bytes as a number, for comparing; `Infinity` after the last pair. */
  prefix = 0;
  readonly #segment: Segment;
  readonly #file: DiskReader;
  /** Where the next block begins after its header, which is read with the block before it. */
  #position: number;
  readonly #end: number;
  #blockEnd = 0;
  #at = 0;
  #isClosed = false;

  constructor(disk: Disk, segment: Segment) {
    this.#segment = segment;
    this.#position = segment.position;
    this.#end = segment.position + segment.bytes;
    this.bytes = new Uint8Array(segment.blockBytes + BLOCK_HEADER_BYTES);
    this.#file = disk.open(segment.file);
    this.#read(this.bytes, BLOCK_HEADER_BYTES);
  }

  /** Steps to the next pair, or returns false and closes the file after the last one. */
  advance(): boolean {
    if (this.valueEnd === this.#blockEnd && !this.#nextBlock()) return false;
    this.#at = this.valueEnd;
    const keyLength = this.#readLength();
    const valueLength = this.#readLength();
    this.keyStart = this.#at;
    this.keyEnd = this.keyStart + keyLength;
    this.valueEnd = this.keyEnd + valueLength;
    this.prefix = prefixOf(this.bytes, this.keyStart, keyLength);
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file.close();
  }

  #readLength(): number {
    let byte = this.bytes[this.#at++]!;
    let length = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      byte = this.bytes[this.#at++]!;
      length |= (byte & 0x7f) << shift;
    }
    return length;
  }

  #nextBlock(): boolean {
    if (this.#position >= this.#end) {
      this.prefix = Number.POSITIVE_INFINITY;
      this.close();
      return false;
    }
    const header = this.#blockEnd;
    const size = readU32(this.bytes, header);
    const stored = readU32(this.bytes, header + 4);
    if (size > this.#segment.blockBytes) throw this.#damaged();
    if (stored === 0) this.#read(this.bytes, size + BLOCK_HEADER_BYTES);
    else this.#inflate(size, stored);
    this.valueEnd = 0;
    this.#blockEnd = size;
    return true;
  }

  #inflate(size: number, stored: number): void {
    const packed = new Uint8Array(stored + BLOCK_HEADER_BYTES);
    this.#read(packed, packed.length);
    const block = inflateRawSync(packed.subarray(0, stored));
    if (block.length !== size) throw this.#damaged();
    this.bytes.set(block);
    this.bytes.set(packed.subarray(stored), size);
  }

  /** What is at the position, and the next block's header if there is one. */
  #read(into: Uint8Array, count: number): void {
    const wanted = Math.min(count, this.#end - this.#position);
    if (this.#file.read(into.subarray(0, wanted), this.#position) < wanted) throw this.#damaged();
    this.#position += count;
  }

  #damaged(): MapReduceError {
    return new MapReduceError("task-failed", `the run ${this.#segment.file} is damaged`);
  }
}

/** Prefixes that differ stand in the order of their keys; equal ones say nothing. */
function prefixOf(bytes: Uint8Array, at: number, length: number): number {
  if (length >= 6) {
    const high = (bytes[at]! << 8) | bytes[at + 1]!;
    const low =
      (bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    return high * 0x1_0000_0000 + (low >>> 0);
  }
  let prefix = 0;
  for (let index = 0; index < 6; index++) {
    prefix = prefix * 0x100 + (index < length ? bytes[at + index]! : 0);
  }
  return prefix;
}
