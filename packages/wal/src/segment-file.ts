import { join } from "node:path";
import type { File, FileSystem } from "@quorate/runtime";
import { SEGMENT_HEADER_BYTES, encodeSegmentHeader, type SegmentHeader } from "./segment-header.ts";
import { segmentName, UNFINISHED_SUFFIX } from "./segment-name.ts";

/**
 * Makes a segment of `bytes` bytes and opens it. Under its name it is whole from the start: it is
 * made under another name, synced, renamed, and the directory synced.
 *
 * The file is extended without writing zeros: then an append changes no size, and needs no second
 * pass over the disk (docs/decisions/0012-wal-preallocation.md).
 */
export async function createSegment(
  fileSystem: FileSystem,
  directory: string,
  header: SegmentHeader,
  bytes: number,
): Promise<File> {
  const path = join(directory, segmentName(header.number));
  const unfinished = join(directory, `${header.number}${UNFINISHED_SUFFIX}`);
  const file = await fileSystem.open(unfinished, { create: "new" });
  try {
    await file.write(encodeSegmentHeader(header), 0);
    await file.truncate(Math.max(bytes, SEGMENT_HEADER_BYTES));
    await file.sync();
  } finally {
    await file.close();
  }
  await fileSystem.rename(unfinished, path);
  await fileSystem.syncDirectory(directory);
  return fileSystem.open(path);
}

/** Makes `directory` and what is missing above it; durable when resolved. */
export async function makeDurableDirectory(
  fileSystem: FileSystem,
  directory: string,
  parentOf: (path: string) => string,
): Promise<void> {
  const missing: string[] = [];
  for (let at = directory; !(await exists(fileSystem, at)); at = parentOf(at)) {
    missing.push(at);
    if (parentOf(at) === at) break;
  }
  if (missing.length === 0) return;
  await fileSystem.makeDirectory(directory);
  for (const made of missing.toReversed()) await fileSystem.syncDirectory(parentOf(made));
}

async function exists(fileSystem: FileSystem, directory: string): Promise<boolean> {
  try {
    await fileSystem.list(directory);
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === "not-found") return false;
    throw error;
  }
}
