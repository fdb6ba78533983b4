import { join } from "node:path";
import type { File, FileSystem } from "@quorate/runtime";
import { SegmentScan } from "./segment-scan.ts";
import { segmentName, segmentNumber, UNFINISHED_SUFFIX } from "./segment-name.ts";
import { damaged, type WalPlace } from "./wal-error.ts";

/** What opening a log found and put in order. */
export interface WalRecovery {
  /** Segments read; 0 for a new log. */
  readonly segments: number;
  /** Bytes of segment headers and whole batches that were read and checked. */
  readonly checkedBytes: number;
  /**
   * Bytes of a write that was under way at a crash, and of which no call was told: cut away. 0 after
   * a clean close.
   */
  readonly cutBytes: number;
  /** Where they began. */
  readonly cutAt: WalPlace | undefined;
  /** Names of files that a crash had left over, and that were removed. */
  readonly removedFiles: readonly string[];
}

/** A log as recovery leaves it: every byte checked and durable. */
export interface RecoveredLog {
  readonly scan: SegmentScan;
  /** The numbers of its segments, ascending. */
  readonly segments: readonly number[];
  /** The last segment, which is written to. */
  readonly file: File;
  readonly recovery: WalRecovery;
}

/**
 * Reads and checks the whole log, cuts a torn tail, removes what is left over. Modifies nothing when
 * it throws `damaged` or `unsupported-version`. `undefined`: there is no log in `directory` yet.
 */
export async function recover(
  fileSystem: FileSystem,
  directory: string,
): Promise<RecoveredLog | undefined> {
  const names = await fileSystem.list(directory);
  const present = names.map(segmentNumber).filter((number) => number !== undefined);
  // Segments are dropped oldest first, but a crash may bring back an older one than it loses.
  const segments = numbersAfterLastGap(present);
  const outdated = present.slice(0, present.length - segments.length).map(segmentName);
  const removedFiles = names.filter((name) => name.endsWith(UNFINISHED_SUFFIX)).concat(outdated);
  const found = segments.length > 0 ? await scanAll(fileSystem, directory, segments) : undefined;
  try {
    for (const name of removedFiles) await fileSystem.remove(join(directory, name));
    if (found && found.cutBytes > 0) await found.file.truncate(found.scan.position);
    // A process that was killed may leave whole batches, and names, in the system's memory only.
    await found?.file.sync();
    if (found) await rewriteLastBatch(found);
    await fileSystem.syncDirectory(directory);
  } catch (error) {
    await found?.file.close();
    throw error;
  }
  if (!found) return undefined;
  const { scan, file, cutBytes } = found;
  const cutAt = { segment: segmentName(segments.at(-1)!), offset: scan.position };
  const recovery = {
    segments: segments.length,
    checkedBytes: scan.checkedBytes,
    cutBytes,
    cutAt: cutBytes > 0 ? cutAt : undefined,
    removedFiles,
  };
  return { scan, segments, file, recovery };
}

/** The segments that may belong together: numbers without a gap up to the last. */
function numbersAfterLastGap(numbers: readonly number[]): readonly number[] {
  const gap = numbers.findLastIndex((number, at) => at > 0 && numbers[at - 1] !== number - 1);
  return numbers.slice(Math.max(0, gap));
}

interface Found {
  readonly scan: SegmentScan;
  readonly file: File;
  readonly cutBytes: number;
}

/** Reads the segments, changes nothing, and leaves the last one open. */
async function scanAll(
  fileSystem: FileSystem,
  directory: string,
  numbers: readonly number[],
): Promise<Found> {
  const scan = new SegmentScan();
  let file: File | undefined;
  try {
    for (const number of numbers) {
      await file?.close();
      file = await fileSystem.open(join(directory, segmentName(number)));
      await scan.read(file, number);
    }
    const cutBytes = await scan.tornBytes(file!);
    requireWhole(scan, numbers[0]!);
    return { scan, file: file!, cutBytes };
  } catch (error) {
    await file?.close();
    throw error;
  }
}

/**
 * A process whose sync failed, and that was then restarted, leaves a batch that is read and is not on
 * disk, and that no sync makes durable any more: only writing it again does. It can be no other than
 * the last, as nothing is written after a failure, and no batch before the one ahead is durable.
 */
async function rewriteLastBatch({ scan, file }: Found): Promise<void> {
  const bytes = new Uint8Array(scan.position - scan.lastBatchAt);
  if (bytes.length === 0) return;
  await file.read(bytes, scan.lastBatchAt);
  await file.writeDurably(bytes, scan.lastBatchAt);
}

function requireWhole({ chain: { layout } }: SegmentScan, oldest: number): void {
  if (layout.isWhole) return;
  const at = { segment: segmentName(oldest - 1), offset: 0 };
  throw damaged(at, `the segment is missing, and with it records from ${layout.firstIndex} on`);
}
