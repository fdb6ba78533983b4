import { join } from "node:path";
import type { File, FileSystem } from "@quorate/runtime";
import { BATCH_HEADER_BYTES } from "./batch-header.ts";
import { readBatch } from "./batch-reader.ts";
import { FileWindow } from "./file-window.ts";
import { type Run, startOf } from "./log-layout.ts";
import { placeOf } from "./place.ts";
import { RECORD_HEADER_BYTES } from "./record.ts";
import { decodeSegmentHeader, SEGMENT_HEADER_BYTES } from "./segment-header.ts";
import { segmentName } from "./segment-name.ts";
import { damaged } from "./wal-error.ts";

/** A record, its index, and where it stands. */
export interface IndexedRecord {
  readonly index: number;
  /** For `readAt`. */
  readonly place: number;
  readonly record: Uint8Array;
}

/** Yields the records of `run` from `from` on, each checked again. */
export async function* readRun(
  fileSystem: FileSystem,
  directory: string,
  run: Run,
  from: number,
): AsyncGenerator<IndexedRecord[]> {
  const name = segmentName(run.segment);
  const file = await fileSystem.open(join(directory, name));
  try {
    yield* batchesOf(file, name, run, from);
  } finally {
    await file.close();
  }
}

async function* batchesOf(
  file: File,
  name: string,
  run: Run,
  from: number,
): AsyncGenerator<IndexedRecord[]> {
  // What is yielded shares the window's memory, so that memory is not used a second time.
  const window = new FileWindow(file, await file.size(), { reuse: false });
  const head = await window.at(0, SEGMENT_HEADER_BYTES);
  const { seed } = decodeSegmentHeader(head, name, run.segment);
  let { index, offset } = startOf(run, from);
  while (index <= run.lastIndex) {
    const batch = await readBatch(window, offset, seed);
    if ("badAt" in batch)
      throw damaged({ segment: name, offset: batch.badAt }, "a record is wrong");
    if (batch.header.firstIndex !== index) {
      throw damaged({ segment: name, offset }, `record ${index} should be here`);
    }
    const batchPlace = placeOf(run.segment, offset) + BATCH_HEADER_BYTES;
    const records: IndexedRecord[] = [];
    for (let at = 0; at < batch.bounds.length; at += 2, index++) {
      if (index < from || index > run.lastIndex) continue;
      const [start, end] = [batch.bounds[at]!, batch.bounds[at + 1]!];
      const place = batchPlace + start - RECORD_HEADER_BYTES;
      records.push({ index, place, record: batch.body.subarray(start, end) });
    }
    if (records.length > 0) yield records;
    offset = batch.end;
  }
}
