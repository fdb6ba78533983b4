import { ByteSink } from "../codec/byte-sink.ts";
import { rangesOf } from "../job/by-ranges.ts";
import type { Emitter } from "../job/emitter.ts";
import type { ReduceJob } from "../job/job.ts";
import { RecordView } from "../job/record-view.ts";
import { setUp } from "../task/loaded-job.ts";
import type { SourceSplit } from "./job-plan.ts";
import type { RunSettings } from "./run-options.ts";

/** Splits that are looked into: each costs a seek. */
const MOST_SPLITS = 100;
/** Of a map that emits very many pairs. */
const MOST_KEYS_PER_RECORD = 10;

/** The first keys of all partitions but the first, by base64. */
export async function sampledRanges(
  job: ReduceJob,
  splits: readonly SourceSplit[],
  sampleRecords: number,
  { partitions, maxRecordBytes }: RunSettings,
): Promise<string[]> {
  const { side } = await setUp(job);
  const keys: Uint8Array[] = [];
  const emitter = keyCollector(job, keys, MOST_KEYS_PER_RECORD * sampleRecords);
  const context = { side, count: () => {} };
  // Standard input is gone when it was read, and has no beginning to go back to.
  const readable = splits.filter(({ split }) => !split.once);
  const step = Math.max(1, readable.length / MOST_SPLITS);
  const perSplit = Math.ceil((sampleRecords * step) / Math.max(1, readable.length));
  for (let at = 0; at < readable.length; at += step) {
    const { source, split } = readable[Math.floor(at)]!;
    const { input, map } = job.sources[source]!;
    const record = new RecordView(split.file);
    let left = perSplit;
    for await (const batch of input.read(split, { maxRecordBytes, onTooLarge: () => {} })) {
      record.useBatch(batch);
      for (let index = 0; index < batch.count && left > 0; index++, left--) {
        record.moveTo(index);
        try {
          map(record, emitter, context);
        } catch {
          // A bad record is the map task's matter; here it only makes the sample smaller.
        }
      }
      if (left === 0) break;
    }
  }
  return rangesOf(keys, partitions).map((key) => Buffer.from(key).toString("base64"));
}

function keyCollector(
  { key: codec }: ReduceJob,
  keys: Uint8Array[],
  most: number,
): Emitter<unknown, unknown> {
  const sink = new ByteSink();
  return {
    emit(key) {
      if (keys.length >= most) return;
      sink.length = 0;
      codec.write(key, sink);
      keys.push(sink.bytes.slice(0, sink.length));
    },
    emitBytes(bytes, start, end) {
      if (keys.length < most) keys.push(bytes.slice(start, end));
    },
  };
}
