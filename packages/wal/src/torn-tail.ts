import type { File } from "@quorate/runtime";
import {
  ALIGNMENT_BYTES,
  BATCH_HEADER_BYTES,
  BATCH_MAGIC,
  readBatchHeader,
} from "./batch-header.ts";

/** Bytes looked through at once. */
const STEP_BYTES = 2 ** 20;

/** What stands in the last segment from the first byte that is no whole batch. */
export interface Tail {
  /** Bytes up to the last that is not zero. */
  readonly usedBytes: number;
  /** The offset of a batch that proves that the tail was durable once, and is damaged, not torn. */
  readonly laterBatchAt: number | undefined;
}

/**
 * Looks through the tail from `start` on, where the batch `batchNumber` should be. A batch is
 * written only after the one before is durable: so a whole header with a higher number proves that
 * batch `batchNumber` was durable. Without one, it may be what a crash left of a write that was not
 * acknowledged.
 */
export async function inspectTail(
  file: File,
  start: number,
  batchNumber: number,
  seed: number,
): Promise<Tail> {
  // Steps overlap by a header's length, so that each header is whole in one of them.
  const left = Math.max(0, (await file.size()) - start);
  const bytes = new Uint8Array(Math.min(STEP_BYTES, left) + BATCH_HEADER_BYTES);
  let usedBytes = 0;
  for (let position = start; ; position += STEP_BYTES) {
    const found = bytes.subarray(0, await file.read(bytes, position));
    const used = lengthWithoutZeros(found);
    if (used > 0) usedBytes = position + used - start;
    for (const at of headersIn(found.subarray(0, used + BATCH_HEADER_BYTES), position)) {
      const header = readBatchHeader(found, at, seed);
      if (header && header.number > batchNumber) return { usedBytes, laterBatchAt: position + at };
    }
    if (found.length < bytes.length) return { usedBytes, laterBatchAt: undefined };
  }
}

function lengthWithoutZeros(bytes: Uint8Array): number {
  const words = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length >>> 3);
  let length = bytes.length;
  while (length % 8 !== 0 && bytes[length - 1] === 0) length--;
  if (length % 8 !== 0) return length;
  let word = length >>> 3;
  // NaN and -0 are not zero bits.
  while (word > 0 && Object.is(words[word - 1], 0)) word--;
  length = word << 3;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}

/** Where a header may begin: offsets into `bytes`, which stand at `position` in the file. */
function* headersIn(bytes: Uint8Array, position: number): Generator<number> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = text.indexOf(BATCH_MAGIC); at >= 0; at = text.indexOf(BATCH_MAGIC, at + 1)) {
    if ((position + at) % ALIGNMENT_BYTES === 0) yield at;
  }
}
