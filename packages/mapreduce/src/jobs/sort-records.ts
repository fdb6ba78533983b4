import { bytes as bytesCodec } from "../codec/bytes.ts";
import type { OrderedCodec } from "../codec/codec.ts";
import type { Input } from "../input/input.ts";
import { byRanges } from "../job/by-ranges.ts";
import { defineJob } from "../job/define-job.ts";
import type { InputRecord } from "../job/input-record.ts";
import type { Job } from "../job/job.ts";
import type { Output } from "../output/output.ts";
import { textFiles } from "../output/text-files.ts";

export interface SortOptions {
  readonly input: Input;
  /**
   * Takes the records as bytes.
   *
   * @default textFiles()
   */
  readonly output?: Output<Uint8Array>;
}

export interface SortByOptions<K> extends SortOptions {
  /** What records are sorted by; those with the same stay in the order of the input. */
  readonly by: (record: InputRecord) => K;
  /** The order: `utf8`, `float64`, `descending(…)`, `tuple(…)`. */
  readonly codec: OrderedCodec<K>;
}

const NOTHING = new Uint8Array(0);

/**
 * All records in one order through all parts, by their bytes, as `LC_ALL=C sort` has them. A record
 * is its own key, and is neither decoded nor copied more than the sort itself needs.
 */
export function sortRecords({ input, output = textFiles() }: SortOptions): Job {
  return defineJob<Uint8Array, Uint8Array, Uint8Array>({
    name: "sort",
    input,
    key: bytesCodec,
    value: bytesCodec,
    map: ({ bytes, start, end }, pairs) => pairs.emitBytes(bytes, start, end, NOTHING),
    partition: byRanges(),
    reduce: (record, times, write) => {
      for (const _ of times) write(record);
    },
    output,
  });
}

/** All records in one order through all parts, by something of theirs. */
export function sortRecordsBy<K>({
  input,
  by,
  codec,
  output = textFiles(),
}: SortByOptions<K>): Job {
  return defineJob<K, Uint8Array, Uint8Array>({
    name: "sort",
    input,
    key: codec,
    value: bytesCodec,
    map: (record, pairs) => {
      pairs.emit(by(record), record.bytes.subarray(record.start, record.end));
    },
    partition: byRanges(),
    reduce: (_, records, write) => {
      for (const record of records) write(record);
    },
    output,
  });
}
