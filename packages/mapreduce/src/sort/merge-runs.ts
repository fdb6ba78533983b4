import type { Disk } from "../disk/disk.ts";
import type { Segment } from "../task/task.ts";
import type { GroupFold } from "./group-fold.ts";
import { GroupedMerge } from "./grouped-merge.ts";
import { Merge } from "./merge.ts";
import { RunReader } from "./run-reader.ts";
import { RunWriter } from "./run-writer.ts";

/** Each segment of a merge is an open file. */
const MOST_OPEN_RUNS = 256;

export interface MergeOptions {
  readonly disk: Disk;
  /** Where runs go that are merged from others. */
  readonly folder: string;
  /** What the blocks of all segments that are read at once may take, if it is two at least. */
  readonly memoryBytes: number;
  readonly blockBytes: number;
  readonly isCompressed: boolean;
  /** Joins the values of a key when runs are merged into one. */
  readonly fold?: GroupFold | undefined;
}

/**
 * Merges all segments. Where they are more than memory has room for, neighbours are merged into new
 * runs first, the smallest ones, until there is.
 */
export function mergeRuns(segments: readonly Segment[], options: MergeOptions): Merge {
  let left = segments;
  for (let run = 0; ; run++) {
    const most = fanIn(left, options.memoryBytes);
    if (left.length <= most) return open(left, options.disk);
    const count = Math.min(most, left.length - most + 1);
    const from = smallestNeighbours(left, count);
    const chosen = left.slice(from, from + count);
    const merged = mergeToRun(chosen, `${options.folder}/merged-${run}`, options);
    left = [...left.slice(0, from), ...merged, ...left.slice(from + count)];
  }
}

/** How many may be read at once, were they all as the largest. At least two. */
function fanIn(segments: readonly Segment[], memoryBytes: number): number {
  const largest = segments.reduce((most, { blockBytes }) => Math.max(most, blockBytes), 1);
  return Math.max(2, Math.min(MOST_OPEN_RUNS, Math.floor(memoryBytes / largest)));
}

/** Only neighbours: the order of the segments is the order of equal keys. */
function smallestNeighbours(segments: readonly Segment[], count: number): number {
  let bytes = 0;
  let smallest = Number.POSITIVE_INFINITY;
  let from = 0;
  for (const [index, segment] of segments.entries()) {
    bytes += segment.bytes - (index < count ? 0 : segments[index - count]!.bytes);
    if (index < count - 1 || bytes >= smallest) continue;
    smallest = bytes;
    from = index - count + 1;
  }
  return from;
}

function open(segments: readonly Segment[], disk: Disk): Merge {
  const readers: RunReader[] = [];
  try {
    for (const segment of segments) readers.push(new RunReader(disk, segment));
  } catch (error) {
    for (const reader of readers) reader.close();
    throw error;
  }
  return new Merge(readers);
}

function mergeToRun(segments: readonly Segment[], file: string, options: MergeOptions): Segment[] {
  const merge = open(segments, options.disk);
  const run = new RunWriter({ ...options, file });
  try {
    run.begin(segments[0]!.partition);
    if (options.fold) options.fold.write(new GroupedMerge(merge), run);
    else copyAll(merge, run);
    run.end();
  } finally {
    run.close();
    merge.close();
  }
  for (const segment of segments) {
    if (segment.file.startsWith(`${options.folder}/merged-`)) options.disk.remove(segment.file);
  }
  return run.segments;
}

function copyAll(merge: Merge, run: RunWriter): void {
  while (merge.advance()) {
    const { bytes, keyStart, keyEnd, valueEnd } = merge.current!;
    run.append(bytes, keyStart, keyEnd, bytes, keyEnd, valueEnd);
  }
}
