import type { DiskReader } from "../disk/disk.ts";

const MAGIC = 0xfd2fb528;
/** What may stand between frames; the last four bits are anything. */
const SKIPPABLE_MAGIC = 0x184d2a50;
const LONGEST_HEADER_BYTES = 18;
const REPEATED_BYTE = 1;

/**
 * Where the frame that begins at `position` ends, by the lengths in its header and blocks (RFC 8878,
 * section 3.1): Node 22 and 24 unpack the first frame of a file, and say nothing of others.
 */
export function zstdFrameEnd(file: DiskReader, position: number): number {
  const header = Buffer.alloc(LONGEST_HEADER_BYTES);
  if (file.read(header, position) < 8) throw new Error("unexpected end of file");
  const magic = header.readUInt32LE(0);
  if ((magic & ~0xf) >>> 0 === SKIPPABLE_MAGIC) return position + 8 + header.readUInt32LE(4);
  if (magic !== MAGIC) throw new Error("there is no zstd frame where one must begin");
  const descriptor = header.readUInt8(4);
  const hasChecksum = (descriptor & 0x04) !== 0;
  let at = position + headerBytes(descriptor);
  for (let isLast = false; !isLast;) {
    const block = Buffer.alloc(3);
    if (file.read(block, at) < block.length) throw new Error("unexpected end of file");
    const bits = block.readUIntLE(0, 3);
    isLast = (bits & 1) === 1;
    at += block.length + (((bits >> 1) & 3) === REPEATED_BYTE ? 1 : bits >> 3);
  }
  return hasChecksum ? at + 4 : at;
}

function headerBytes(descriptor: number): number {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeFlag = descriptor >> 6;
  const sizeBytes = sizeFlag === 0 ? Number(isSingleSegment) : 1 << sizeFlag;
  return 5 + Number(!isSingleSegment) + dictionaryBytes + sizeBytes;
}
