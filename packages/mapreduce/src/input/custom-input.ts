import { MapReduceError, type Place } from "../mapreduce-error.ts";
import { checkAborted } from "../check-aborted.ts";
import { BATCH_BYTES, MAX_BATCH_RECORDS } from "./batch-limits.ts";
import type { Input, ReadOptions, RecordBatch, Split, SplitOptions } from "./input.ts";

/** What is read through `customInput`: a table, a queue, an API. */
export interface CustomReader {
  /** The pieces to be read, each by one task; their meaning is the reader's own. */
  splits(options: SplitOptions): readonly Split[] | Promise<readonly Split[]>;
  /** The records of one split, in an order that is the same each time. */
  read(
    split: Split,
    options: { readonly signal?: AbortSignal },
  ): AsyncIterable<string | Uint8Array>;
}

/**
 * An input of whatever can be iterated: strings become UTF-8. A record's place counts the bytes of
 * the records before it in its split. What the reader throws becomes an `invalid-input`.
 */
export function customInput(reader: CustomReader): Input {
  return {
    splits: async (options) => {
      try {
        return await reader.splits(options);
      } catch (error) {
        throw failed("the custom input cannot be split", error);
      }
    },
    read: (split, options) => readBatches(reader, split, options),
  };
}

async function* readBatches(
  reader: CustomReader,
  split: Split,
  { maxRecordBytes, onTooLarge, signal }: ReadOptions,
): AsyncIterable<RecordBatch> {
  const batch = new GrowingBatch();
  let offset = 0;
  try {
    for await (const record of reader.read(split, signal ? { signal } : {})) {
      checkAborted(signal);
      const bytes = typeof record === "string" ? Buffer.from(record) : record;
      const isTooLarge = bytes.length > maxRecordBytes;
      if (isTooLarge && !onTooLarge) throw tooLarge(split, offset, bytes.length, maxRecordBytes);
      if ((isTooLarge || !batch.hasRoom(bytes.length)) && batch.count > 0) {
        yield batch;
        batch.clear();
      }
      if (isTooLarge) onTooLarge?.(offset, bytes.length);
      else batch.add(bytes, offset);
      offset += bytes.length;
    }
  } catch (error) {
    throw failed(`cannot read ${split.file}`, error, { file: split.file, offset });
  }
  if (batch.count > 0) yield batch;
}

/** Records copied into one buffer, which grows only for one that is larger by itself. */
class GrowingBatch implements RecordBatch {
  bytes: Uint8Array = new Uint8Array(BATCH_BYTES);
  readonly starts: Uint32Array = new Uint32Array(MAX_BATCH_RECORDS);
  readonly ends: Uint32Array = new Uint32Array(MAX_BATCH_RECORDS);
  count = 0;
  offset = 0;
  #filled = 0;

  hasRoom(length: number): boolean {
    return this.count < MAX_BATCH_RECORDS && this.#filled + length <= this.bytes.length;
  }

  add(record: Uint8Array, offset: number): void {
    if (this.count === 0) this.offset = offset;
    if (record.length > this.bytes.length) this.bytes = new Uint8Array(record.length);
    this.bytes.set(record, this.#filled);
    this.starts[this.count] = this.#filled;
    this.#filled += record.length;
    this.ends[this.count] = this.#filled;
    this.count += 1;
  }

  clear(): void {
    this.count = 0;
    this.#filled = 0;
  }
}

function tooLarge(split: Split, offset: number, bytes: number, limit: number): MapReduceError {
  return new MapReduceError(
    "record-too-large",
    `a record of ${bytes} bytes is longer than maxRecordBytes, ${limit}`,
    { place: { file: split.file, offset } },
  );
}

function failed(message: string, error: unknown, place?: Place): MapReduceError {
  if (error instanceof MapReduceError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new MapReduceError("invalid-input", `${message}: ${reason}`, { cause: error, place });
}
