import { MapReduceError } from "../mapreduce-error.ts";
import type { ByteSource } from "./byte-source.ts";
import { checkAborted } from "../check-aborted.ts";
import { FileInput, type FileInputDependencies, type FileOptions } from "./file-input.ts";
import { BATCH_BYTES, MAX_BATCH_RECORDS } from "./batch-limits.ts";
import type { Input, ReadOptions, RecordBatch, Split } from "./input.ts";

export interface FixedRecordOptions extends FileOptions {
  /** Bytes of each record. A whole number from 1 to 64 MiB. */
  readonly recordBytes: number;
}

const MAX_RECORD_BYTES = 64 * 1_024 * 1_024;

/**
 * Records of one size, one after the other. Only a name tells that a file is packed, since its first
 * bytes may be anything. A file that ends within a record is an `invalid-input`.
 */
export function fixedRecords(
  paths: string | readonly string[],
  options: FixedRecordOptions,
  dependencies: FileInputDependencies = {},
): Input {
  const { recordBytes } = options;
  if (!(Number.isInteger(recordBytes) && recordBytes >= 1 && recordBytes <= MAX_RECORD_BYTES)) {
    throw new MapReduceError(
      "invalid-job",
      `recordBytes must be a whole number from 1 to ${MAX_RECORD_BYTES}, not ${recordBytes}`,
    );
  }
  const format = {
    canSplit: true,
    alignment: recordBytes,
    isText: false,
    firstByteRead: (split: Split) => split.start,
    read: (source: ByteSource, split: Split, read: ReadOptions) =>
      readFixed(source, split, recordBytes, read),
  };
  return new FileInput(paths, format, options, dependencies);
}

async function* readFixed(
  source: ByteSource,
  split: Split,
  recordBytes: number,
  { maxRecordBytes, signal }: ReadOptions,
): AsyncIterable<RecordBatch> {
  if (recordBytes > maxRecordBytes) {
    throw new MapReduceError(
      "record-too-large",
      `records of ${recordBytes} bytes are longer than maxRecordBytes, ${maxRecordBytes}`,
      { place: { file: split.file, offset: split.start } },
    );
  }
  const end = split.end ?? Infinity;
  const capacity = Math.ceil(
    Math.min(BATCH_BYTES / recordBytes, MAX_BATCH_RECORDS, (end - split.start) / recordBytes),
  );
  const bytes = Buffer.allocUnsafe(capacity * recordBytes);
  const starts = new Uint32Array(capacity);
  const ends = new Uint32Array(capacity);
  for (let index = 0; index < capacity; index += 1) {
    starts[index] = index * recordBytes;
    ends[index] = (index + 1) * recordBytes;
  }
  try {
    for (let offset = split.start; offset < end;) {
      checkAborted(signal);
      const filled = await fill(source, bytes.subarray(0, Math.min(bytes.length, end - offset)));
      if (filled % recordBytes !== 0) {
        throw new MapReduceError(
          "invalid-input",
          `the file ends within a record: ${filled % recordBytes} of ${recordBytes} bytes`,
          { place: { file: split.file, offset: offset + filled - (filled % recordBytes) } },
        );
      }
      if (filled === 0) return;
      yield { bytes, starts, ends, count: filled / recordBytes, offset };
      offset += filled;
    }
  } finally {
    source.close();
  }
}

/** Fewer bytes than `into` has only at the end. */
async function fill(source: ByteSource, into: Uint8Array): Promise<number> {
  let filled = 0;
  while (filled < into.length) {
    const read = source.read(into.subarray(filled));
    const count = typeof read === "number" ? read : await read;
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
