import { crc32 } from "node:zlib";
import { readUint53, writeUint53 } from "./uint53.ts";

/**
 * What goes before the records of a batch (the records of one durable write). Little-endian:
 *
 * | at | bytes | |
 * |---|---|---|
 * | 0 | 4 | magic |
 * | 4 | 4 | CRC-32 of the bytes from 8 to 48, started from the segment's seed |
 * | 8 | 4 | the field above of the batch before: this chains the batches |
 * | 12 | 4 | the CRC of the last record; 0 without records: this ties the records to their header |
 * | 16 | 4 | number of records |
 * | 20 | 4 | bytes of the records |
 * | 24 | 8 | number of this batch: one more than the batch before |
 * | 32 | 8 | from this batch on, records below this index are dropped |
 * | 40 | 8 | index of the first record; records from this index on that came before are truncated |
 *
 * So truncating, dropping and resetting are batches too (without records, or together with those
 * appended next), and as atomic as an append.
 */
export interface BatchHeader {
  readonly crc: number;
  readonly previousCrc: number;
  readonly bodyCrc: number;
  readonly recordCount: number;
  readonly bodyBytes: number;
  readonly number: number;
  readonly keptFrom: number;
  readonly firstIndex: number;
}

export const BATCH_HEADER_BYTES = 48;
/** Batches and records begin at multiples of this. */
export const ALIGNMENT_BYTES = 8;
/** The first four bytes of a batch. */
export const BATCH_MAGIC: Uint8Array = Uint8Array.of(0x51, 0x57, 0xb1, 0x0d);
const MAGIC = new DataView(BATCH_MAGIC.buffer).getUint32(0, true);

/** Writes a header to the start of `bytes`; returns its CRC. */
export function writeBatchHeader(
  bytes: Uint8Array,
  header: Omit<BatchHeader, "crc">,
  seed: number,
): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, BATCH_HEADER_BYTES);
  view.setUint32(0, MAGIC, true);
  view.setUint32(8, header.previousCrc, true);
  view.setUint32(12, header.bodyCrc, true);
  view.setUint32(16, header.recordCount, true);
  view.setUint32(20, header.bodyBytes, true);
  writeUint53(view, 24, header.number);
  writeUint53(view, 32, header.keptFrom);
  writeUint53(view, 40, header.firstIndex);
  const crc = crc32(bytes.subarray(8, BATCH_HEADER_BYTES), seed);
  view.setUint32(4, crc, true);
  return crc;
}

/** The header at `offset`, or `undefined` when magic or CRC are wrong or bytes are missing. */
export function readBatchHeader(
  bytes: Uint8Array,
  offset: number,
  seed: number,
): BatchHeader | undefined {
  if (offset + BATCH_HEADER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, BATCH_HEADER_BYTES);
  const crc = view.getUint32(4, true);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  if (crc32(bytes.subarray(offset + 8, offset + BATCH_HEADER_BYTES), seed) !== crc)
    return undefined;
  return {
    crc,
    previousCrc: view.getUint32(8, true),
    bodyCrc: view.getUint32(12, true),
    recordCount: view.getUint32(16, true),
    bodyBytes: view.getUint32(20, true),
    number: readUint53(view, 24),
    keptFrom: readUint53(view, 32),
    firstIndex: readUint53(view, 40),
  };
}
