import { BATCH_HEADER_BYTES, type BatchHeader, readBatchHeader } from "./batch-header.ts";
import type { FileWindow } from "./file-window.ts";
import { checkRecords } from "./record.ts";

/** A batch whose every byte was checked. */
export interface ReadBatch {
  readonly header: BatchHeader;
  /** The batch without its header. */
  readonly body: Uint8Array;
  /** Of each record in `body`, two offsets: where it begins and where it ends. */
  readonly bounds: readonly number[];
  /** Where the next batch begins in the file. */
  readonly end: number;
}

/** What stands where a batch should: the offset, in the file, of the first wrong header or record. */
export interface BadBatch {
  readonly badAt: number;
}

/**
 * Reads the batch at `offset`. `expected` are the fields of its header that must follow from the
 * batch before.
 */
export async function readBatch(
  window: FileWindow,
  offset: number,
  seed: number,
  expected: { readonly number?: number; readonly previousCrc?: number } = {},
): Promise<ReadBatch | BadBatch> {
  const head =
    window.held(offset, BATCH_HEADER_BYTES) ?? (await window.at(offset, BATCH_HEADER_BYTES));
  const header = readBatchHeader(head, 0, seed);
  if (!header || !follows(header, expected)) return { badAt: offset };
  const start = offset + BATCH_HEADER_BYTES;
  const body = window.held(start, header.bodyBytes) ?? (await window.at(start, header.bodyBytes));
  const { bounds, badAt } = checkRecords(body, header.recordCount, header.bodyCrc);
  if (badAt !== undefined) return { badAt: start + badAt };
  if (body.length < header.bodyBytes) return { badAt: start + body.length };
  return { header, body, bounds, end: start + header.bodyBytes };
}

function follows(
  header: BatchHeader,
  { number = header.number, previousCrc = header.previousCrc }: Partial<BatchHeader>,
): boolean {
  return header.number === number && header.previousCrc === previousCrc;
}
