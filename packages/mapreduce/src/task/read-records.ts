import type { Input } from "../input/input.ts";
import { RecordView } from "../job/record-view.ts";
import { MapReduceError } from "../mapreduce-error.ts";
import type { BadRecords } from "./bad-records.ts";
import { checkAborted } from "../check-aborted.ts";
import type { RecordMap } from "./record-map.ts";
import type { MapWork, TaskEnvironment } from "./task.ts";
import type { TaskCounters } from "./task-counters.ts";

interface Reading {
  readonly input: Input;
  readonly map: RecordMap;
  readonly work: MapWork;
  readonly environment: TaskEnvironment;
  readonly counters: TaskCounters;
  readonly badRecords: BadRecords;
}

/** Shows each record of a split to the job's map. */
export async function readRecords(
  reading: Reading,
): Promise<{ readonly recordsIn: number; readonly bytesIn: number }> {
  const { input, work, environment, badRecords, map } = reading;
  const { signal, onProgress, breathe, options } = environment;
  const { file } = work.split;
  const record = new RecordView(file);
  const batches = input.read(work.split, {
    maxRecordBytes: options.maxRecordBytes,
    ...(signal && { signal }),
    ...(badRecords.areAllowed && {
      onTooLarge: (offset: number, bytes: number) => badRecords.tooLarge({ file, offset }, bytes),
    }),
  });
  let recordsIn = 0;
  let bytesIn = 0;
  for await (const batch of batches) {
    if (batch.count === 0) continue;
    record.useBatch(batch);
    mapBatch(reading, record, batch.count);
    if (map.failure) throw map.failure.error;
    const bytes = batch.ends[batch.count - 1]! - batch.starts[0]!;
    recordsIn += batch.count;
    bytesIn += bytes;
    onProgress?.({ records: batch.count, bytes });
    await breathe?.();
    checkAborted(signal);
  }
  return { recordsIn: recordsIn + badRecords.tooLargeCount, bytesIn };
}

function mapBatch(reading: Reading, record: RecordView, count: number): void {
  const { map, counters, badRecords } = reading;
  const isStaged = badRecords.areAllowed;
  for (let index = 0; index < count; index++) {
    record.moveTo(index);
    try {
      map.map(record);
    } catch (error) {
      if (map.failure || !isOfRecord(error)) throw error;
      map.drop();
      counters.drop();
      badRecords.setAside(error, record);
      continue;
    }
    if (!isStaged) continue;
    map.keep();
    counters.keep();
  }
}

/** Whether the record is to blame, and not the job or the machine. */
function isOfRecord(error: unknown): boolean {
  if (!(error instanceof MapReduceError)) return true;
  return error.code === "bad-record" || error.code === "record-too-large";
}
