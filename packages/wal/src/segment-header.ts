import { crc32 } from "node:zlib";
import { readUint53, writeUint53 } from "./uint53.ts";
import { damaged, WalError } from "./wal-error.ts";

/**
 * The first bytes of a segment: where the log stood when it was begun. Little-endian:
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 8 | magic |
 * | 8 | 4 | format version |
 * | 12 | 4 | CRC-32 of all other 60 bytes |
 * | 16 | 4 | seed of the CRCs of this segment's batch headers, random |
 * | 20 | 4 | CRC of the last batch before this segment |
 * | 24 | 8 | segment number |
 * | 32 | 8 | number of the last batch before this segment |
 * | 40 | 8 | index from which records are kept |
 * | 48 | 8 | index of the next record |
 * | 56 | 8 | zeros |
 */
export interface SegmentHeader {
  readonly seed: number;
  readonly previousCrc: number;
  readonly number: number;
  readonly batchNumber: number;
  readonly keptFrom: number;
  readonly nextIndex: number;
}

export const SEGMENT_HEADER_BYTES = 64;
const MAGIC = new TextEncoder().encode("QuorWAL\n");
const VERSION = 1;

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, VERSION, true);
  view.setUint32(16, header.seed, true);
  view.setUint32(20, header.previousCrc, true);
  writeUint53(view, 24, header.number);
  writeUint53(view, 32, header.batchNumber);
  writeUint53(view, 40, header.keptFrom);
  writeUint53(view, 48, header.nextIndex);
  view.setUint32(12, checksum(bytes), true);
  return bytes;
}

/**
 * The header of the file `name`, whose number must be `number`. Whole or not at all: a segment gets
 * its name only after its header is durable, so one that is wrong was damaged later.
 */
export function decodeSegmentHeader(
  bytes: Uint8Array,
  name: string,
  number: number,
): SegmentHeader {
  const at = { segment: name, offset: 0 };
  if (bytes.length < SEGMENT_HEADER_BYTES) throw damaged(at, "the segment has no whole header");
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) {
    throw damaged(at, "the segment does not begin as one");
  }
  if (view.getUint32(12, true) !== checksum(bytes)) throw damaged(at, "its header is damaged");
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    const message = `${name} has format version ${version}; this package reads ${VERSION}`;
    throw new WalError("unsupported-version", message, { at });
  }
  const header = {
    seed: view.getUint32(16, true),
    previousCrc: view.getUint32(20, true),
    number: readUint53(view, 24),
    batchNumber: readUint53(view, 32),
    keptFrom: readUint53(view, 40),
    nextIndex: readUint53(view, 48),
  };
  if (header.number !== number) throw damaged(at, `the segment is number ${header.number}`);
  return header;
}

function checksum(bytes: Uint8Array): number {
  return crc32(bytes.subarray(16, SEGMENT_HEADER_BYTES), crc32(bytes.subarray(0, 12)));
}
