import { crc32 } from "node:zlib";
import { ALIGNMENT_BYTES } from "./batch-header.ts";

/**
 * A record as stored, little-endian: CRC-32 (4 bytes), length (4), the record, zeros up to the next
 * multiple of 8. The CRC covers all after itself and starts from the CRC of the record before in
 * its batch (from 0 at the first).
 */
export const RECORD_HEADER_BYTES = 8;

/** Bytes that a record of `length` bytes takes in a batch. */
export function storedBytes(length: number): number {
  return RECORD_HEADER_BYTES + Math.ceil(length / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** The length of the record whose header `header` begins with. */
export function recordLength(header: Uint8Array): number {
  return new DataView(header.buffer, header.byteOffset, header.length).getUint32(4, true);
}

/** Writes `record` at `offset` of the bytes under `view`; returns its CRC. */
export function writeRecord(
  bytes: Uint8Array,
  view: DataView,
  offset: number,
  record: Uint8Array,
  previousCrc: number,
): number {
  const recordEnd = offset + RECORD_HEADER_BYTES + record.length;
  const end = offset + storedBytes(record.length);
  view.setUint32(offset + 4, record.length, true);
  bytes.set(record, offset + RECORD_HEADER_BYTES);
  if (recordEnd < end) bytes.fill(0, recordEnd, end);
  const crc = crc32(bytes.subarray(offset + 4, end), previousCrc);
  view.setUint32(offset, crc, true);
  return crc;
}

/** Records found one behind the other; `badAt` is the offset of the first that is wrong. */
export interface Records {
  /** Offsets into the bytes, two for each record: where it begins and where it ends. */
  readonly bounds: readonly number[];
  readonly badAt: number | undefined;
}

/**
 * Checks the `count` records that fill `bytes`, whose last must have the CRC `lastCrc`. Stops at the
 * first wrong one.
 */
export function checkRecords(bytes: Uint8Array, count: number, lastCrc: number): Records {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const bounds: number[] = [];
  let at = 0;
  let crc = 0;
  for (let record = 0; record < count; record++) {
    if (at + RECORD_HEADER_BYTES > bytes.length) return { bounds, badAt: at };
    const length = view.getUint32(at + 4, true);
    const end = at + storedBytes(length);
    if (end > bytes.length) return { bounds, badAt: at };
    crc = crc32(bytes.subarray(at + 4, end), crc);
    if (crc !== view.getUint32(at, true)) return { bounds, badAt: at };
    bounds.push(at + RECORD_HEADER_BYTES, at + RECORD_HEADER_BYTES + length);
    at = end;
  }
  return { bounds, badAt: crc === lastCrc && at === bytes.length ? undefined : 0 };
}
