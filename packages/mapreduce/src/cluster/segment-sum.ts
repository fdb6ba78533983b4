import { crc32 } from "node:zlib";
import { FileSystemError } from "@quorate/runtime";
import type { Disk } from "../disk/disk.ts";
import type { Segment } from "../task/task.ts";

const CHUNK_BYTES = 2 ** 18;

/** The CRC-32 of a segment's bytes. @throws {FileSystemError} also when its file ends before it. */
export function segmentSum(disk: Disk, { file, position, bytes }: Segment): number {
  const reader = disk.open(file);
  try {
    const chunk = new Uint8Array(Math.min(CHUNK_BYTES, bytes));
    let sum = 0;
    for (let at = 0; at < bytes; at += chunk.length) {
      const piece = chunk.subarray(0, bytes - at);
      if (reader.read(piece, position + at) < piece.length) {
        throw new FileSystemError("io-error", file, `${file} is cut off`);
      }
      sum = crc32(piece, sum);
    }
    return sum;
  } finally {
    reader.close();
  }
}
